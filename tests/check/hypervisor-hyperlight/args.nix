{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "hyperlight";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
