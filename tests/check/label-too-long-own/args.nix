{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  labels.notes = builtins.concatStringsSep "" (builtins.genList (_: "x") 4096);
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
