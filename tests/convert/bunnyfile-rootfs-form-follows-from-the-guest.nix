# Made from bunnyfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./kernel" = "/.boot/kernel";
    "./disk" = "/.boot/rootfs";
  };

  annotations = {
    unikernelType = "mirage";
    hypervisor = "hvt";
    binary = "/.boot/kernel";
    block = "/.boot/rootfs";
    blkMntPoint = "/";
    mountRootfs = false;
    cmdline = "";
  };
}
