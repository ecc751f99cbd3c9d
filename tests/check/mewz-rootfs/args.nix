{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "mewz";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
    mountRootfs = true;
  };
}
