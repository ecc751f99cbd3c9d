{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  kernel = ./kernel;
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
