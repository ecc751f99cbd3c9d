{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./disk" = "/unikernel/disk";
  };
  annotations = {
    unikernelType = "linux";
    hypervisor = "cloud-hypervisor";
    binary = "/unikernel/kernel";
    cmdline = "a b";
    blkMntPoint = "/";
    block = "/unikernel/disk";
  };
}
