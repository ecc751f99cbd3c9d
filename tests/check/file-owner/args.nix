{
  name = "hello";
  files."./args.nix" = {
    path = "/data";
    uid = 4294967295;
    gid = -1;
  };
  files."./kernel" = "/unikernel/kernel";
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
