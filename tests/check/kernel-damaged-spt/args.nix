{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "mirage";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
