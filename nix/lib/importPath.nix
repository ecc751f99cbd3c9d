{
  refuse,
  storedAsLink,
  storeName,
}:
/*
  Puts one file or folder into the store, by itself, so that a change to its
  neighbour does not touch it. `where` names it in messages.
*/
where: name: path:
if !builtins.pathExists path then
  refuse where "there is no ${toString path}" (
    "correct the path, which starts at the folder of args.nix unless it is absolute; "
    + "in a flake the file has to be known to git (`git add`)"
  )
else if storedAsLink path then
  refuse where
    "${toString path} is a symbolic link, which Nix ${builtins.nixVersion} would store as a link"
    "name what it points to, or use Nix 2.21 or later"
else
  builtins.path {
    inherit path;
    name = storeName name;
  }
