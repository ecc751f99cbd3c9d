{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "hermit";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
    mountRootfs = true;
  };
}
