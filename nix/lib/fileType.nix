_:
/*
  What is at a path that exists: "regular", "directory", "symlink", "unknown"
  for what is none of these, and null where Nix before 2.14 may not look: in a
  flake the store itself is out of bounds.
*/
path:
let
  folder = dirOf path;
  inStore = toString folder == builtins.storeDir;
  pure = !(builtins ? currentSystem);
in
# Elsewhere it takes no path that goes through a link.
if inStore && builtins ? readFileType then
  builtins.readFileType path
else if inStore && pure then
  null
else
  # The root has no name in the folder above it, which is the root.
  (builtins.readDir folder).${baseNameOf (toString path)} or "directory"
