# Made from bunnyfile by `bimanix convert`.
{
  name = "image";
  base = "unikraft.org/base:latest";

  # "path from this folder" = "path in the image"
  files = { "./rootfs.cpio" = "/.boot/rootfs"; };

  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    unikernelVersion = "0.18.0";
    binary = "/unikraft/bin/kernel";
    initrd = "/.boot/rootfs";
    mountRootfs = false;
  };

  cmd = [ "/chttp" ];
  architecture = "amd64";
}
