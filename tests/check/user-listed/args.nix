{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./passwd" = "/etc/passwd";
  };
  user = "web";
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
