{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./a" = "/unikernel/kernel/a";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
