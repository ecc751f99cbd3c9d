let
  __nixPath = [ { prefix = "here"; path = ./support; } ];
in
[ <here/throws.nix> <here/none.nix> ]
