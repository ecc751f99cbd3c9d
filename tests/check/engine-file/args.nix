{
  name = "hello";
  files = {
    "./kernel" = "/etc/hosts";
  };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/etc/hosts";
    cmdline = "hello";
  };
}
