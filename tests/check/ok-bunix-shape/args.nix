{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./initrd" = "/unikernel/initrd";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
    unikernelVersion = "0.17.0";
    initrd = "/unikernel/initrd";
    block = "";
    blkMntPoint = "";
    useDMBlock = "false";
  };
}
