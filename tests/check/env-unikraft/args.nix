{
  name = "a";
  files."kernel" = "/unikernel/kernel";
  env = [ "A=1" ];
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "";
  };
}
