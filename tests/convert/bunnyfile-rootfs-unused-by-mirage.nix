# Made from bunnyfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./site" = "/site";
    "./kernel" = "/.boot/kernel";
  };

  annotations = {
    unikernelType = "mirage";
    hypervisor = "hvt";
    binary = "/.boot/kernel";
    mountRootfs = false;
    cmdline = "";
  };
}
