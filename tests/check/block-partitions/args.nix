{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./disk" = "/unikernel/disk";
  };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
    block = "/unikernel/disk";
    blkMntPoint = "/";
  };
}
