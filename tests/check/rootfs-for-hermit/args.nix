{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = { type = "initrd"; files."./kernel" = "/a"; };
  annotations = {
    unikernelType = "hermit";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
