{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  annotations = {
    "com.urunc.unikernel.unikernelType" = "unikraft";
    "com.urunc.unikernel.hypervisor" = "qemu";
    "com.urunc.unikernel.binary" = "/unikernel/kernel";
    "com.urunc.unikernel.cmdline" = "";
    "org.opencontainers.image.authors" = "somebody";
    version = "0.17.0";
  };
}
