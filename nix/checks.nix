/*
  What `nix flake check` builds: the command with its unit tests, the image of
  the args.nix beside flake.nix, and the Nix files' own checks.
*/
{
  pkgs,
  bimanix,
  image,
  lib,
}:

let
  inherit (pkgs.lib) fileset;
  nixFilesIn = fileset.fileFilter (file: file.hasExt "nix");

  failures = import ../tests/nix/lib.nix { inherit lib; };
in
{
  inherit bimanix image;

  lib =
    if failures == [ ] then
      pkgs.runCommand "bimanix-lib-tests" { } "touch $out"
    else
      throw "tests/nix/lib.nix: ${builtins.toJSON failures}";

  style =
    pkgs.runCommand "bimanix-nix-style"
      {
        # Not the files that the evaluator is tested with: those are odd on purpose.
        src = fileset.toSource {
          root = ../.;
          fileset = fileset.unions [
            ../args.nix
            ../default.nix
            ../flake.nix
            (nixFilesIn ../examples)
            (nixFilesIn ../nix)
            (nixFilesIn ../tests/nix)
          ];
        };
        nativeBuildInputs = [
          pkgs.deadnix
          pkgs.nixfmt
          pkgs.statix
        ];
      }
      ''
        find $src -name '*.nix' -exec nixfmt --check {} +
        deadnix --fail $src
        statix check $src
        touch $out
      '';
}
