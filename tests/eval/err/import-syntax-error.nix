let
  broken = import ./support/syntax-error.nix;
in
broken.a
