{
  name = "a";
  files."kernel" = "/unikernel/kernel";
  
  annotations = {
    unikernelType = "mewz";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "serve 80";
  };
}
