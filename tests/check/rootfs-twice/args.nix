{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  rootfs = {
    type = "block";
    files = {
      "./kernel" = "/a";
      "./args.nix" = "/a";
      "./missing" = "/b";
      "../x" = "/c";
    };
  };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
