/*
  The path of nixpkgs for those who use no flakes: `<nixpkgs>` when there is
  one, else the revision that flake.lock pins.
*/
let
  found = builtins.tryEval <nixpkgs>;

  inherit ((builtins.fromJSON (builtins.readFile ../flake.lock)).nodes.nixpkgs) locked;
in
if found.success then
  found.value
else
  fetchTarball {
    url = "https://github.com/${locked.owner}/${locked.repo}/archive/${locked.rev}.tar.gz";
    sha256 = locked.narHash;
  }
