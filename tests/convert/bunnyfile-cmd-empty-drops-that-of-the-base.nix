# Made from bunnyfile by `bimanix convert`.
{
  name = "image";
  base = "registry.example/k";

  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/vmlinux";
    mountRootfs = false;
  };

  entrypoint = [
    "/init"
    "a b"
  ];
}
