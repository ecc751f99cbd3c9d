{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "linux";
    hypervisor = "firecracker";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
