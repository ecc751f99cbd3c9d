{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = {
    type = "block";
    fsType = "fat";
    label = "my files";
    size = "3 TiB";
    files."./kernel" = "/a";
  };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
