{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = { type = "initrd"; files."./kernel" = "/a"; };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
