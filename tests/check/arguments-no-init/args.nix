{
  name = "a";
  files."kernel" = "/unikernel/kernel";
  
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "";
  };
}
