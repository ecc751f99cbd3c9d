{
  name = "hello";
  env = {
    "A=B" = "1";
    "=" = "2";
    "" = "3";
    "C=" = 4;
  };
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
