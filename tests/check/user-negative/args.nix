{
  name = "hello";
  user = -1;
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
