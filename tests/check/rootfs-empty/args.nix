{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = { type = "initrd"; };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
