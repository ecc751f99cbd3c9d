{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "mirage";
    hypervisor = "spt";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
