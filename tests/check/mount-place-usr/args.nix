{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./usr" = "/usr";
  };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
