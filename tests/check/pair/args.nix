{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
