{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = { type = "block"; files."./kernel" = "/a"; };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
    initrd = "/unikernel/kernel";
  };
}
