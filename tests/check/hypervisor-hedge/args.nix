{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "hedge";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
