# Made from bunnyfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = { "./kernel" = "/.boot/kernel"; };

  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/.boot/kernel";
    mountRootfs = false;
    cmdline = "";
  };

  env = [
    "A=1"
    "B=2"
    "C=3"
    "D="
    "E=x:y"
    "F=x=y"
    "G="
    "1:2=3"
  ];
}
