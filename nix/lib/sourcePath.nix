{
  importPath,
  refuse,
  storeReference,
}:
/*
  Where a file or folder is in the store. `folder` is the folder of args.nix, or
  null when there is none; `where` is the attribute that names the source, and
  `asPath` what to write instead of a relative path, given one as a Nix path.
*/
{
  folder,
  where,
  asPath,
}:
source:
let
  startsWith = prefix: builtins.substring 0 (builtins.stringLength prefix) source == prefix;

  # How far below `folder` a relative path ends, or -1 once it has left it.
  parts = builtins.filter builtins.isString (builtins.split "/" source);
  descend =
    depth: part:
    if depth < 0 || part == "" || part == "." then
      depth
    else if part == ".." then
      depth - 1
    else
      depth + 1;
  leaves = builtins.foldl' descend 0 parts < 0;

  # The same as a Nix path, to paste.
  name = builtins.elemAt (builtins.match "(\\./)*(.*)" source) 1;
  written =
    if builtins.match "[a-zA-Z0-9._+/-]+" name != null then "./${name}" else "./. + \"/${name}\"";
in
if builtins.isPath source then
  importPath where (baseNameOf (toString source)) source
else if builtins.isAttrs source && source ? outPath then
  "${source}"
else if !builtins.isString source then
  refuse where "a value of type ${builtins.typeOf source} is not a source"
    "give a path (./hello.hvt), a derivation, or a string with a path in it"
else if source == "" then
  refuse where "the source is empty" "write the path of a file or folder"
else if builtins.hasContext source then
  source
else if startsWith "${builtins.storeDir}/" then
  storeReference source
else if startsWith "/" then
  importPath where (baseNameOf source) (/. + source)
else if folder == null then
  refuse where "the path is relative, but a set has no folder that it could start from"
    "write ${asPath written}"
else if leaves then
  refuse where "the path leaves the folder of args.nix, ${toString folder}"
    "move the file into the folder, or write an absolute path"
else
  importPath where (baseNameOf source) (folder + "/${source}")
