{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  user = 2147483648;
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
