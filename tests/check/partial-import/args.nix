# An error in a file that is imported hides no more than what depends on it.
let
  lib = import ./lib.nix;
in
{
  name = lib.name;
  tag = lib.tag "1";
  files."./kernel" = lib.place;
  annotations = lib.annotations // { binary = "/k"; };
  user = -1;
}
