{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = {
    type = "block";
    fsType = "fat";
    files."./kernel" = "/Kernel";
    files."././kernel" = "/kernel";
  };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
