{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "firecracker";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
