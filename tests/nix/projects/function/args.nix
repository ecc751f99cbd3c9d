{
  tag ? "latest",
}:
{
  name = "function";
  inherit tag;
  files."kernel" = "/unikernel/kernel";
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "tag=${tag}";
  };
}
