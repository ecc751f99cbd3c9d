{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  cmd = builtins.genList (_: "word") 2000;
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
