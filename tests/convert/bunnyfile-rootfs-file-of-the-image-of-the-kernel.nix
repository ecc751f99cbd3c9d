# Made from bunnyfile by `bimanix convert`.
{
  name = "image";
  base = "registry.example/k";

  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/kernel";
    initrd = "/initrd";
    mountRootfs = false;
  };
}
