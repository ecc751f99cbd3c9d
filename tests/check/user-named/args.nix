{
  name = "a";
  files."kernel" = "/unikernel/kernel";
  user = "web:web";
  annotations = {
    unikernelType = "mirage";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "";
  };
}
