{
  name = "a";
  files."kernel" = "/unikernel/kernel";
  env.A = "b c";
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "/init";
  };
}
