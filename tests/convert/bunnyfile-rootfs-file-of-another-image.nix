# Made from bunnyfile by `bimanix convert`.
{
  name = "image";
  base = "registry.example/k";

  # "path from this folder" = "path in the image"
  files = {
    "/disk" = {
      path = "/.boot/rootfs";
      image = "registry.example/r";
    };
  };

  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/kernel";
    block = "/.boot/rootfs";
    blkMntPoint = "/";
    mountRootfs = false;
  };
}
