{
  name = "kernel";

  # "path from this folder" = "path in the image"
  files = {
    "./kernel" = "/unikernel/kernel";
  };

  # The kernel: 64-bit ELF file for amd64.
  annotations = {
    unikernelType = "mirage"; # or "rumprun": a Solo5 guest does not say which
    hypervisor = "hvt"; # Solo5's target hvt, version 2
    binary = "/unikernel/kernel";
    cmdline = ""; # the arguments of the guest
    solo5NetDev = "net0"; # the name in the guest's manifest
  };
}
