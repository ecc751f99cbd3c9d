{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "";
    unikernelVersion = builtins.concatStringsSep "" (builtins.genList (x: "x") 4097);
  };
}
