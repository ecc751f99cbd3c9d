{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = {
    type = "block";
    fsType = "etx4";
    files."./kernel" = "/a";
    lable = "x";
  };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
