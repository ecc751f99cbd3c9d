# Made from bunnyfile by `bimanix convert`.
{
  name = "image";
  base = "unikraft.org/base:latest";

  rootfs = {
    type = "initrd";
    # "path from this folder" = "path in the image"
    files = { "./chttp" = "/chttp"; };
  };

  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikraft/bin/kernel";
    mountRootfs = false;
  };
}
