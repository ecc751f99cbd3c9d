{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
  architectures = {
    amd64 = { };
    arm64 = "./arm64";
  };
}
