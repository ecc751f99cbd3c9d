{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = {
    type = "block";
    size = "64 MB";
    label = "the root of the web server";
    files."./kernel" = "/a";
  };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
