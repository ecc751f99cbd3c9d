{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = {
    type = "initrd";
    size = "1 MiB";
    fsType = "ext2";
    label = "root";
    files."./kernel" = "/a";
  };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
