{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = { type = "block"; size = "20 TiB"; files."./kernel" = "/a"; };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
