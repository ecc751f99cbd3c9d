{ refuse, storedAsLink }:
/*
  The path, in the store, of an args.nix among what it may read: the `.nix`
  files beside it, and the files and folders in `extras`. Nothing else comes
  along, so nothing else can cause a build.
*/
argsFile: extras:
let
  folder = dirOf argsFile;
  name = baseNameOf (toString argsFile);

  # The root of the source: the innermost folder that holds args.nix and every
  # extra.
  partsOf =
    path:
    builtins.filter (part: builtins.isString part && part != "") (builtins.split "/" (toString path));
  parts = partsOf folder;
  agreeing =
    depth: other:
    if
      depth < builtins.length parts
      && depth < builtins.length other
      && builtins.elemAt parts depth == builtins.elemAt other depth
    then
      agreeing (depth + 1) other
    else
      depth;
  depth = builtins.foldl' (
    least: extra:
    let
      own = agreeing 0 (partsOf extra);
    in
    if own < least then own else least
  ) (builtins.length parts) extras;
  below = builtins.length parts - depth;
  climb = steps: path: if steps == 0 then path else climb (steps - 1) (dirOf path);
  root = climb below folder;
  fromRoot = builtins.concatStringsSep "/" (
    builtins.genList (index: builtins.elemAt parts (depth + index)) below ++ [ name ]
  );

  within =
    outer: path:
    path == outer || builtins.substring 0 (builtins.stringLength outer + 1) path == "${outer}/";

  neighbour =
    path: type:
    type != "directory"
    && (baseNameOf path == name || builtins.match ".*\\.nix" (baseNameOf path) != null);

  # Without extras only the folder itself is walked, and no path is compared:
  # Nix from 2.21 on calls the filter with links in the path resolved.
  filter =
    if extras == [ ] then
      neighbour
    else
      path: type:
      if !within (toString root) path then
        refuse "sources" "${toString root} goes through a symbolic link"
          "give argsFile and sources by their real path, ${dirOf path}"
      else
        neighbour path type && dirOf path == toString folder
        || type == "directory" && within path (toString folder)
        || builtins.any (
          extra: within (toString extra) path || type == "directory" && within path (toString extra)
        ) extras;
in
if depth == 0 || within (toString root) builtins.storeDir then
  refuse "sources" "${toString argsFile} and what is listed here have no folder in common"
    "move what args.nix reads into its project"
else if storedAsLink root then
  refuse "argsFile"
    "${toString root} is a symbolic link, which Nix ${builtins.nixVersion} would store as a link"
    "give the folder that it points to, or use Nix 2.21 or later"
else
  "${
    builtins.path {
      path = root;
      name = "args";
      inherit filter;
    }
  }/${fromRoot}"
