{
  name = "hello";
  base = {
    platform = "linux/amd64";
    img = ./nginx.tar;
  };
  remove = [ "/etc" 1 ];
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
