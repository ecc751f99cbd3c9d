{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs.files."./kernel" = "/a";
  annotations = {
    unikernelType = "mewz";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
