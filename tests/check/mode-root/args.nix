{
  name = "a";
  files."kernel" = { path = "/unikernel/kernel"; mode = "0600"; };
  
  annotations = {
    unikernelType = "mirage";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "";
  };
}
