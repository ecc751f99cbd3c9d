# Made from bunnyfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = { "./kernel" = "/.boot/kernel"; };

  rootfs = {
    type = "block";
    # "path from this folder" = "path in the image"
    files = { "./conf" = "/conf"; };
  };

  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/.boot/kernel";
    mountRootfs = false;
    cmdline = "";
  };
}
