{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = { type = "ext4"; files."./kernel" = "/a"; };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
