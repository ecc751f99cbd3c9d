{
  name = "a";
  files = {
    "kernel" = "/unikernel/kernel";
    "root" = "/.";
  };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "/init";
  };
}
