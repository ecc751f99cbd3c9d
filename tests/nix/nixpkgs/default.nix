/**
  A stand-in for nixpkgs, for tests on machines that cannot fetch it.

  It has just what the Nix files of bimanix name, and refuses the rest: a
  function takes only the arguments that are used here and that the function of
  this name in nixpkgs takes, in the form that it takes them. What stands in for
  a tool evaluates and does not build. `rustPlatform.buildRustPackage` checks
  its arguments and then packages the binary that the test puts into
  `bimanix/bin/bimanix` beside this file: it compiles nothing and runs no hook.

  So this shows that the Nix files fit together and that what comes after the
  compilation works. It does not show that the crate compiles in nixpkgs, that
  completions and man page are installed, or that a tool still has its name in
  the nixpkgs that flake.lock pins.
*/
{
  system ? builtins.currentSystem,
  overlays ? [ ],
}:

let
  lib = import ./lib.nix;

  platform = {
    inherit system;
    emulatorAvailable = _packages: true;
    emulator = _packages: "";
  };

  tool =
    name:
    derivation {
      inherit name system;
      builder = "/not-built-by-the-stand-in";
    }
    // {
      override = { settings }: builtins.deepSeq settings (tool name);
    };

  callPackage =
    file: overrides:
    let
      function = import file;
    in
    function (builtins.intersectAttrs (builtins.functionArgs function) packages // overrides);

  own = {
    inherit callPackage lib system;
    buildPackages = packages;
    stdenv = {
      hostPlatform = platform;
      buildPlatform = platform;
    };
    rustPlatform.buildRustPackage = import ./buildRustPackage.nix { inherit lib system; };

    mkShell =
      { inputsFrom, packages }:
      derivation {
        name = "nix-shell";
        inherit system;
        builder = "/not-built-by-the-stand-in";
        inputs = inputsFrom ++ packages;
      };

    runCommand =
      name: environment: script:
      derivation (
        environment
        // {
          inherit name script system;
          builder = "/not-built-by-the-stand-in";
        }
      );
  }
  // lib.genAttrs [
    "cacert"
    "clippy"
    "deadnix"
    "installShellFiles"
    "nixfmt"
    "nixfmt-tree"
    "rust-analyzer"
    "rustfmt"
    "skopeo"
    "statix"
    "umoci"
    "versionCheckHook"
  ] tool;

  # Of what is static here the binary is.
  static.pkgsStatic = packages;
  packages = builtins.foldl' (previous: overlay: previous // overlay packages previous) (own // static) overlays;
in
packages
