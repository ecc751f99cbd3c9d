{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  env.GREETING = "good day";
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
