{
  name = "Hello";
  tagg = "x";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./missing" = "/x";
    "./kernel2" = "rel";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemuu";
    binary = "/unikernel/kernel";
    cmdline = 3;
    blok = "";
  };
}
