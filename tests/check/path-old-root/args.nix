{
  name = "hello";
  files = {
    "./kernel" = "/old_root/kernel";
  };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/old_root/kernel";
    cmdline = "hello";
  };
}
