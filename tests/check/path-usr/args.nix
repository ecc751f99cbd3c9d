{
  name = "hello";
  files = {
    "./kernel" = "/usr/share/kernel";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/usr/share/kernel";
    cmdline = "a b";
  };
}
