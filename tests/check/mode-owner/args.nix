{
  name = "a";
  files."kernel" = { path = "/unikernel/kernel"; mode = "0600"; uid = 1000; };
  user = 1000;
  annotations = {
    unikernelType = "mirage";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "";
  };
}
