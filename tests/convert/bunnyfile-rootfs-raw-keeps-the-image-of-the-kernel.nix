# Made from bunnyfile by `bimanix convert`.
{
  name = "image";
  base = "registry.example/k";

  # "path from this folder" = "path in the image"
  files = { "./a" = "/a"; };

  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/vmlinux";
    mountRootfs = true;
  };
}
