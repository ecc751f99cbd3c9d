{
  name = "hello";
  files."text" = { path = "/text"; text = "shared"; };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
  architectures = {
    amd64.files."./kernel" = "/unikernel/kernel";
    arm64 = {
      files."./arm64" = "/unikernel/kernel";
      annotations.cmdline = "c d";
    };
  };
}
