{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  entrypoint = [ "/urunit" ];
  cmd = builtins.genList (_: "word") 500;
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "/init";
  };
}
