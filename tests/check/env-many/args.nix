{
  name = "a";
  files."kernel" = "/unikernel/kernel";
  env = builtins.listToAttrs (builtins.genList (i: { name = "V${toString i}"; value = "1"; }) 33);
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "/init";
  };
}
