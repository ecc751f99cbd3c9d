{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = { compression = "gzip"; files."./kernel" = "/a"; };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
