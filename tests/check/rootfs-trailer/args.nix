{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = { type = "initrd"; files."./kernel" = "/TRAILER!!!"; };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
