{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./initrd" = "/unikernel/initrd";
  };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
    initrd = "/unikernel/initrd";
  };
}
