{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "" = "/x/";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
