# Made from bunnyfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = { "./kernel" = "/.boot/kernel"; };

  rootfs = {
    type = "initrd";
    # "path from this folder" = "path in the image"
    files = { "./app" = "/app"; };
  };

  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/.boot/kernel";
    mountRootfs = false;
    cmdline = "";
  };
}
