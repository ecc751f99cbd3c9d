{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
  architectures = { };
  tga = "v1";
}
