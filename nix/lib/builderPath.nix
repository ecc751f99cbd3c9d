{
  bimanix,
  importPath,
  refuse,
  storeReference,
}:
/*
  The program that Nix runs as the builder. A package and a path into the store
  are used as they are; a binary or a folder from elsewhere is copied into the
  store.
*/
let
  shown =
    if builtins.isString bimanix then
      builtins.toJSON bimanix
    else
      "a value of type ${builtins.typeOf bimanix}";
  text = toString bimanix;
  startsWith = prefix: builtins.substring 0 (builtins.stringLength prefix) text == prefix;

  path = if builtins.isPath bimanix then bimanix else /. + text;
  isPackage = builtins.pathExists (path + "/bin/bimanix");
  inside = if isPackage then "/bin/bimanix" else "";
in
if builtins.isAttrs bimanix && bimanix ? outPath then
  "${bimanix}/bin/bimanix"
else if builtins.isString bimanix && builtins.hasContext bimanix then
  bimanix
else if !builtins.isPath bimanix && !(builtins.isString bimanix && startsWith "/") then
  refuse "bimanix" "${shown} is not a builder"
    "give a package with bin/bimanix, or the absolute path of a static bimanix binary"
else if startsWith "${builtins.storeDir}/" then
  storeReference text + inside
else
  importPath "bimanix" "bimanix" path + inside
