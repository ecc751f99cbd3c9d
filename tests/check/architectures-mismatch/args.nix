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
    amd64.files."./missing" = "/missing";
    arm64 = {
      env.A = "1";
    };
  };
}
