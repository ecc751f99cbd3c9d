{
  name = "a";
  files."kernel" = "/unikernel/kernel";
  
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "nginx -c /nginx.conf";
  };
}
