{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./disk" = "/unikernel/disk";
  };
  annotations = {
    unikernelType = "mirage";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "a b";
    solo5NetDev = "net0";
    solo5BlkDev = "disk0";
    block = "/unikernel/disk";
    blkMntPoint = "/data";
  };
}
