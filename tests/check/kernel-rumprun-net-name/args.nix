{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "spt";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
