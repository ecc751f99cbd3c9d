# Made from bunnyfile by `bimanix convert`.
{
  name = "image";
  base = "registry.example/r";

  # "path from this folder" = "path in the image"
  files = { "./kernel" = "/.boot/kernel"; };

  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/.boot/kernel";
    initrd = "/boot/initrd";
    mountRootfs = false;
  };
}
