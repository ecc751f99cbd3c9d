{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/ké";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/ké";
    cmdline = "a b";
  };
}
