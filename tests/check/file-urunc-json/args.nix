{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./u" = "/urunc.json";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
