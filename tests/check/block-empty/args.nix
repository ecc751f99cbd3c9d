{
  name = "a";
  files = {
    "kernel" = "/unikernel/kernel";
    "disk" = "/unikernel/disk";
  };

  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "/init";
    block = "/unikernel/disk";
    blkMntPoint = "/";
  };
}
