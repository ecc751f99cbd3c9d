{
  name = "hello";
  rootfs = { };
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "b";
  };
}
