# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  base = "unikraft.org/base:latest";

  # "path from this folder" = "path in the image"
  files = { "./rootfs.cpio" = "/rootfs.cpio"; };

  annotations = {
    binary = "/unikraft/bin/kernel";
    initrd = "/rootfs.cpio";
    unikernelType = "unikraft";
    hypervisor = "qemu";
  };

  cmd = [ "/chttp" ];
}
