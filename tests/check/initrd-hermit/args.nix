{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./initrd" = "/unikernel/initrd";
  };
  annotations = {
    unikernelType = "hermit";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
    initrd = "/unikernel/initrd";
  };
}
