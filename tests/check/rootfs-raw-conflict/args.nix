{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs.files."./kernel" = "/a";
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
    mountRootfs = false;
  };
}
