# Made from bunnyfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = "/a";
    "./linux" = "/linux";
    "./kernel" = "/.boot/kernel";
  };

  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    unikernelVersion = "0.1";
    binary = "/.boot/kernel";
    mountRootfs = true;
  };

  entrypoint = [
    "linux"
    "0.1"
  ];

  cmd = [
    "linux"
    "0.1"
  ];
}
