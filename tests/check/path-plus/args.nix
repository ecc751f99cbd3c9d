{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/k+";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/k+";
    cmdline = "a b";
  };
}
