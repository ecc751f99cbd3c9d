# Made from bunnyfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = { "./kernel" = "/.boot/kernel"; };

  rootfs = {
    type = "initrd";
    from = "registry.example/r";
    # "path from this folder" = "path in the image"
    files = { "./a" = "/a"; };
  };

  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/.boot/kernel";
    mountRootfs = false;
    cmdline = "";
  };
}
