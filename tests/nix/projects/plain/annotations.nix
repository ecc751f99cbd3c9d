{
  unikernelType = "unikraft";
  hypervisor = "qemu";
  binary = "/unikernel/kernel";
  cmdline = "";
}
