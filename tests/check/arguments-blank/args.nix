{
  name = "a";
  files."kernel" = "/unikernel/kernel";
  cmd = [ "echo" "a b" ];
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "";
  };
}
