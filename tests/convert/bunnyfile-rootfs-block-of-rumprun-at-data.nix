# Made from bunnyfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./kernel" = "/.boot/kernel";
    "./disk.ext2" = "/.boot/rootfs";
  };

  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/.boot/kernel";
    block = "/.boot/rootfs";
    blkMntPoint = "/data";
    mountRootfs = false;
    cmdline = "";
  };
}
