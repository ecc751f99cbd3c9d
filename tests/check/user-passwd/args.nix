{
  name = "a";
  files = { "kernel" = "/unikernel/kernel"; "passwd" = "/etc/passwd"; };
  user = "web:web";
  annotations = {
    unikernelType = "mirage";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "";
  };
}
