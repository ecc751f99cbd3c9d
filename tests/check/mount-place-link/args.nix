{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./root" = "/.";
  };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
