{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = { type = "block"; fsType = "ext2"; files."./kernel" = "/a"; };
  annotations = {
    unikernelType = "mirage";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
