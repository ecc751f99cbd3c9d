let
  f = import ./support/throws.nix;
in
{ a = [ (f 1) ]; }
