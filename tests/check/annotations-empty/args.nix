{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "";
    hypervisor = "";
    binary = "";
    cmdline = "";
  };
}
