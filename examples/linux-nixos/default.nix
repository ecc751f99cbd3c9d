/**
  The image of a NixOS system that urunc boots as a Linux guest: the kernel is
  that of the system, and its closure is the root file system, an initrd whose
  first program is the system's own.

  # Inputs

  `toplevel`
  : the system; that of ./configuration.nix unless another is given

  `lib`
  : the functions of bimanix
*/
{
  toplevel ?
    (import <nixpkgs/nixos> { configuration = ./configuration.nix; }).config.system.build.toplevel,
  lib ? (import ../.. { }).lib,
}:

lib.buildImage {
  name = "nixos";
  kernel = "${toplevel}/kernel";
  # A path in the image, since it begins with a slash.
  init = "${toplevel}/init";
  rootfs = {
    type = "initrd";
    compression = "zstd";
    closure = [ toplevel ];
  };
}
