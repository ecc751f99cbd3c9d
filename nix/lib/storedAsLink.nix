{ fileType }:
/*
  Whether `builtins.path` would store a symbolic link instead of what it points
  to, which the sandbox would not have. Nix from 2.21 on does not; before, it
  does, save that Nix before 2.20 resolves links first in pure evaluation (a
  flake). Links on the way to the last part of a path are always followed.
*/
path:
let
  olderThan = version: builtins.compareVersions builtins.nixVersion version < 0;
  pure = !(builtins ? currentSystem);
in
olderThan "2.21"
&& !(pure && olderThan "2.20")
&& fileType path == "symlink"
