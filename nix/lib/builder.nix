{
  bimanix,
  fileType,
  importPath,
  refuse,
  storeReference,
  system,
}:
/*
  The attributes of a derivation by which Nix runs bimanix as its builder. A
  package and a path into the store are used as they are; a binary or a folder
  from elsewhere is copied into the store.

  Whether a binary is static cannot be seen here: no builtin reads a file that
  has a NUL byte. A dynamic one finds no libraries in the sandbox, and all that
  Nix says is `executing '/nix/store/…': No such file or directory`. So its name
  in the store says what it has to be, as well for a binary of another machine
  and for one that is not executable.
*/
let
  mustBe = "bimanix-must-be-a-static-${system}-executable";

  wrong = refuse "bimanix";
  aBuilder =
    "give a package with bin/bimanix, or the path of a static binary, as in "
    + "`--arg bimanix /path/to/bimanix`; README.md says under Install how to make one";

  isPackage = builtins.isAttrs bimanix && bimanix.type or null == "derivation";
  isTree = builtins.isAttrs bimanix && !isPackage && bimanix ? outPath;
  isReference = builtins.isString bimanix && builtins.hasContext bimanix;
  mainProgram = bimanix.meta.mainProgram or "bimanix";

  shown =
    if builtins.isString bimanix then
      builtins.toJSON bimanix
    else
      "a value of type ${builtins.typeOf bimanix}";
  isPathInQuotes =
    builtins.isString bimanix && builtins.match "[a-zA-Z0-9._+-]*/[a-zA-Z0-9._+/-]+" bimanix != null;
  unquoted = "a relative path is no string: write `--arg bimanix ${bimanix}`, without quotes";
  text = builtins.unsafeDiscardStringContext (toString bimanix);
  startsWith = prefix: builtins.substring 0 (builtins.stringLength prefix) text == prefix;

  path = if builtins.isPath bimanix then bimanix else /. + text;
  name = toString path;
  isStored = startsWith "${builtins.storeDir}/";
  # What is not built yet, and in a flake all of the store that is not its own, looks as if it were
  # not there.
  isHidden = isStored && !builtins.pathExists path && (isTree || !(builtins ? currentSystem));
  isInFolder = builtins.pathExists (path + "/bin/bimanix");
  inner = path + "/bimanix";
  type = fileType path;

  stored =
    if !isStored then
      importPath "bimanix" mustBe path
    else if isTree then
      "${bimanix}"
    else
      storeReference name;
  fromPath =
    {
      builder = stored + (if isInFolder then "/bin/bimanix" else "");
    }
    # No cache has what a binary from outside of the store makes; where there is no network, Nix
    # would ask five times, for seconds.
    // (if isStored then { } else { allowSubstitutes = false; });
in
if isPackage then
  if mainProgram == "bimanix" then
    { builder = "${bimanix}/bin/bimanix"; }
  else
    wrong "the program of the package ${bimanix.name} is ${mainProgram}" aBuilder
else if isReference then
  { builder = bimanix; }
else if !builtins.isPath bimanix && !isTree && !(builtins.isString bimanix && startsWith "/") then
  wrong "${shown} is not a builder" (if isPathInQuotes then unquoted else aBuilder)
else if isHidden then
  fromPath
else if !builtins.pathExists path then
  wrong "there is no ${name}" aBuilder
else if type == "directory" && !isInFolder then
  wrong "${name} is a folder without bin/bimanix" (
    if builtins.pathExists inner && fileType inner == "regular" then "write ${name}/bimanix" else aBuilder
  )
else if type == "unknown" then
  wrong "${name} is not a file" aBuilder
else
  fromPath
