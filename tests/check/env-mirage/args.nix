{
  name = "a";
  files."kernel" = "/unikernel/kernel";
  env = { A = "1"; };
  annotations = {
    unikernelType = "mirage";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "";
  };
}
