{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./tree" = "/tree";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
