{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./initrd" = "/unikernel/initrd";
  };
  annotations = {
    unikernelType = "mirage";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "a b";
    initrd = "/unikernel/initrd";
  };
}
