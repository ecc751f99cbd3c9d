{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
    hipervisor = "qemu";
    zzz = "";
    "com.urunc.unikernel.bin" = "";
  };
}
