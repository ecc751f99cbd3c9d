{ tag ? "dev", type ? "unikraft" }:
let
  inherit (import ./lib.nix) kernel;
in
{
  name = "hello";
  inherit tag;
  files."./kernel" = kernel;
  annotations = {
    unikernelType = type;
    hypervisor = "qemu";
    binary = kernel;
    cmdline = builtins.concatStringsSep " " [ "a" "b" ];
    mountRootfs = false;
  };
}
