{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "unikarft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
