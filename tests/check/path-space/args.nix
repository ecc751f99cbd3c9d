{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/my kernel";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/my kernel";
    cmdline = "a b";
  };
}
