{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = { type = "block"; from = ./text; };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
