{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./disk" = "/unikernel/disk";
    "./initrd" = "/unikernel/initrd";
  };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
    initrd = "/unikernel/initrd";
    blkMntPoint = "/";
    block = "/unikernel/disk";
  };
}
