{
  fileEntry,
  imagePath,
  sourcePath,
}:
/*
  What a guest boots, as it goes into the build: `kernel`, `init` and `rootfs`
  of a recipe with their files in the store, and besides

  `rootfsSources`: where the files of `rootfs.files` are in the store
  `closure`: the paths whose closure goes into the root file system
*/
folder: recipe:
let
  isSet = value: builtins.isAttrs value && !value ? outPath;
  isEmpty = value: value == null || value == "";
  stored =
    where: source:
    sourcePath {
      inherit folder where;
      asPath = path: "${where} = ${path};";
    } source;

  # A string that begins with a slash is a path in the image. The file's name
  # there is the one it has here: in the store it has another.
  isInImage = value: builtins.isString value && builtins.substring 0 1 value == "/";
  nameOf =
    value: if builtins.isAttrs value then value.name or "init" else baseNameOf (toString value);
  init =
    value:
    if isInImage value then
      value
    else if isSet value then
      value // (if value ? source then { source = stored "init.source" value.source; } else { })
    else
      {
        source = stored "init" value;
        path = "/${nameOf value}";
      };

  kernel =
    value:
    if isSet value then
      value // (if value ? image then { image = imagePath folder "kernel.image" value.image; } else { })
    else
      stored "kernel" value;

  rootfs = if builtins.isAttrs (recipe.rootfs or null) then recipe.rootfs else { };
  hasFiles = builtins.isAttrs (rootfs.files or null);
  files = builtins.mapAttrs (fileEntry folder "rootfs.files") (if hasFiles then rootfs.files else { });
  withoutSource = builtins.filter (key: files.${key}.source == null) (builtins.attrNames files);
  hasFrom = !isEmpty (rootfs.from or null);

  # What is no value of such a field is refused by the builder, which shows the
  # place in args.nix.
  isFile = value: builtins.isString value || builtins.isPath value || builtins.isAttrs value;
  inStore =
    name: place:
    if recipe ? ${name} && isFile recipe.${name} && !isEmpty recipe.${name} then
      { ${name} = place recipe.${name}; }
    else
      { };
in
{
  recipe =
    inStore "kernel" kernel
    // inStore "init" init
    // (
      if rootfs == { } then
        { }
      else
        {
          rootfs =
            rootfs
            // (if hasFiles then { files = builtins.mapAttrs (_: file: file.recipe) files; } else { })
            // (if hasFrom then { from = imagePath folder "rootfs.from" rootfs.from; } else { });
        }
    );
  rootfsSources = builtins.mapAttrs (_: file: file.source) (removeAttrs files withoutSource);
  closure = if builtins.isList (rootfs.closure or null) then rootfs.closure else [ ];
}
