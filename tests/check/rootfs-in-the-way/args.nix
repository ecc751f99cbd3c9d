{
  name = "hello";
  files."./kernel" = "/unikernel/kernel";
  files."./args.nix" = "/.boot/rootfs";
  rootfs = { type = "initrd"; files."./kernel" = "/init"; };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a";
  };
}
