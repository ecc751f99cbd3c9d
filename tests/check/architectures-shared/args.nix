{
  name = "hello";
  architecture = "amd64";
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
  architectures = {
    amd64 = {
      name = "other";
      architecture = "amd64";
      files."./kernel" = "/unikernel/kernel";
      architectures = { };
      fils = { };
    };
    x86 = {
      files."./kernel" = "/unikernel/kernel";
      created = 1;
      user = 1.5;
    };
  };
}
