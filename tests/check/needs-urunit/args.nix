{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  user = "1000:1000";
  workingDir = "/srv";
  cmd = [ "/bin/server" ];
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
  };
}
