{ sourcePath }:
/*
  An image that the recipe names, as it goes into the build: what is a file or
  a folder is named by its path in the store. A reference stays as it is, and
  what is no image: the builder refuses it, and shows the place in args.nix.
*/
folder: where: value:
let
  isSet = builtins.isAttrs value && !value ? outPath;
  image = if isSet then value.image or null else value;

  startsWith = prefix: builtins.substring 0 (builtins.stringLength prefix) image == prefix;
  isFile =
    if builtins.isString image then
      builtins.hasContext image || builtins.any startsWith [ "/" "./" "../" ]
    else
      builtins.isPath image || builtins.isAttrs image && image ? outPath;

  attribute = if isSet then "${where}.image" else where;
  stored = sourcePath {
    inherit folder;
    where = attribute;
    asPath = path: "${attribute} = ${path};";
  } image;
in
if !isFile then
  value
else if isSet then
  value // { image = stored; }
else
  stored
