{
  name = "kernel";

  # "path from this folder" = "path in the image"
  files = {
    "./kernel" = "/unikernel/kernel";
    "./disk" = "/unikernel/disk";
  };

  # The kernel: 64-bit ELF file for amd64.
  annotations = {
    unikernelType = "rumprun"; # probably, by the name of the Solo5 device `tap`
    hypervisor = "hvt"; # Solo5's target hvt, version 2
    binary = "/unikernel/kernel";
    cmdline = ""; # the arguments of the guest
    block = "/unikernel/disk";
    blkMntPoint = "/data";
  };
}
