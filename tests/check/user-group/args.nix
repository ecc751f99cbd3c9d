{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  user = "1000:kvm";
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
