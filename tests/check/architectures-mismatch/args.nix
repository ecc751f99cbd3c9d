{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemuu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
  architectures = {
    amd64 = { };
    arm64.files = {
      "./missing" = "/missing";
    };
  };
}
