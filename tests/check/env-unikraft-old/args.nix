{
  name = "a";
  files."kernel" = "/unikernel/kernel";
  env = [ "A=1" ];
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    unikernelVersion = "0.15.0";
    cmdline = "";
  };
}
