{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = { type = "block"; fsType = "ext4"; files."./kernel" = "/a"; };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
