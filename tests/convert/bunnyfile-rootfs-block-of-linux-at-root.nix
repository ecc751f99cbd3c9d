# Made from bunnyfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./kernel" = "/.boot/kernel";
    "./disk.ext4" = "/.boot/rootfs";
  };

  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/.boot/kernel";
    block = "/.boot/rootfs";
    blkMntPoint = "/";
    mountRootfs = false;
    cmdline = "";
  };
}
