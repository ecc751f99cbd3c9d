/**
  The image of args.nix, for `nix-build default.nix`. The command, the functions
  and their tests are attributes of it: `nix-build default.nix -A bimanix`.

  # Inputs

  `system`
  : the system to build on

  `pkgs`
  : the nixpkgs that bimanix is built with; `<nixpkgs>` when there is one, else
    the revision in flake.lock

  `bimanix`
  : a package, or the path to a static bimanix binary, to use instead of
    building one: nixpkgs is not touched then

  `argsFile`, `arguments`, `sources`
  : as for `lib.buildImage`: the path of an args.nix or its folder, the
    arguments of one that is a function, and what it reads besides the `.nix`
    files in its folder
*/
{
  system ? builtins.currentSystem,
  pkgs ? import (import ./nix/nixpkgs.nix) { inherit system; },
  bimanix ? null,
  argsFile ? ./args.nix,
  arguments ? { },
  sources ? [ ],
}:

let
  builder = if bimanix == null then pkgs.callPackage ./nix/package.nix { } else bimanix;
  lib = import ./nix/lib {
    bimanix = builder;
    inherit system;
    cacert = if bimanix == null then pkgs.cacert else null;
  };
in
lib.buildImage { inherit argsFile arguments sources; }
// {
  bimanix = builder;
  inherit lib;
  tests = import ./tests/nix/lib.nix { inherit lib; };
}
