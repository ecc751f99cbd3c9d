{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./disk" = "/unikernel/disk";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
    block = "/unikernel/disk";
    blkMntPoint = "/data";
  };
}
