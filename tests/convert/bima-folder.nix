# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./kernel.spt" = "/unikernel/kernel.spt";
    "./rootfs" = "/data";
  };

  annotations = {
    binary = "/unikernel/kernel.spt";
    cmdline = "hello";
    unikernelType = "rumprun";
    hypervisor = "spt";
  };
}
