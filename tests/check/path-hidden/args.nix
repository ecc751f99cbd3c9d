{
  name = "hello";
  files = {
    "./kernel" = "/lib/kernel";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/lib/kernel";
    cmdline = "a b";
  };
}
