# Made from bunnyfile by `bimanix convert`.
{
  name = "image";
  base = "registry.example/nginx";

  # "path from this folder" = "path in the image"
  files = {
    "/vmlinux" = {
      path = "/.boot/kernel";
      image = "registry.example/k";
    };
  };

  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/.boot/kernel";
    mountRootfs = true;
  };
}
