{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  kernel = ./kernel;
  init = ./init;
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    cmdline = "a";
  };
}
