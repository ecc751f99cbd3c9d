{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "vmware";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
