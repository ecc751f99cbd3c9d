{
  name = "hello";
  files = {
    "./kernel" = "/";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/";
    cmdline = "a b";
  };
}
