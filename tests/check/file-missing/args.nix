{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./nope" = "/nope";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
