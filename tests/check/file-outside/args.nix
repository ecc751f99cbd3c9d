{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "../x" = "/x";
    "a/../../y" = "/y";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
