{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./a" = "a";
    "./b" = "/x/../b";
    "./c" = "/.wh.c";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
  };
}
