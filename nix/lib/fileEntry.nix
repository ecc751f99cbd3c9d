{ imagePath, sourcePath }:
/*
  One entry of `files`, or of another set of files that is called so: `recipe`, its destination as it goes into the build, and
  `source`, where its content is in the store, or null when it has none there.
*/
folder: files: key: value:
let
  entry = "${files}.${builtins.toJSON key}";
  isSet = builtins.isAttrs value && !value ? outPath;
  ofImage = isSet && value ? image;
  isMade = isSet && (value ? text || value ? link || value.folder or false != false);
  overridden = isSet && value ? source;
in
if ofImage then
  {
    recipe = value // {
      image = imagePath folder "${entry}.image" value.image;
    };
    source = null;
  }
else if isMade then
  {
    # A source is one too many, which the builder says.
    recipe = value // (if overridden then { source = ""; } else { });
    source = null;
  }
else
  {
    recipe = if isSet then removeAttrs value [ "source" ] else value;
    source = sourcePath {
      inherit folder;
      where = if overridden then "${entry}.source" else entry;
      asPath = path: "${entry} = { path = …; source = ${path}; }";
    } (if overridden then value.source else key);
  }
