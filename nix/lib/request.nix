{
  argsSource,
  fileType,
  jsonSafe,
  refuse,
}:
/*
  What buildImage was asked for, whichever way it was asked: the recipe as Nix
  evaluates it, the folder that its relative paths start from (or null), and,
  when it comes from a file, that file in the store and its arguments.
*/
argument:
let
  isText = value: builtins.isString value && builtins.substring 0 1 value == "/";
  isTree = value: builtins.isAttrs value && value ? outPath && value.type or null != "derivation";
  isLocation = value: builtins.isPath value || isText value || isTree value;
  asPath =
    value: if builtins.isPath value then value else /. + builtins.unsafeDiscardStringContext "${value}";

  locate =
    where: value:
    let
      path = asPath value;
      inFolder = path + "/args.nix";
    in
    if !isLocation value then
      refuse where "a value of type ${builtins.typeOf value} is not the path of an args.nix"
        "write ./args.nix"
    else if builtins.pathExists inFolder then
      inFolder
    else if !builtins.pathExists path then
      refuse where "there is no ${toString path}"
        "correct the path; in a flake the file has to be known to git (`git add`)"
    else if fileType path == "directory" then
      refuse where "there is no args.nix in the folder ${toString path}"
        "write one, or give the path of the file"
    else
      path;

  fromFile =
    where:
    {
      argsFile,
      arguments ? { },
      sources ? [ ],
    }:
    let
      file = locate where argsFile;
      folder = dirOf file;
      value = import file;
      recipe = if builtins.isFunction value then value arguments else value;
      extra =
        index:
        let
          source = builtins.elemAt sources index;
          path =
            if isLocation source then
              asPath source
            else if builtins.isString source then
              folder + "/${source}"
            else
              refuse "sources[${toString index}]" "a value of type ${builtins.typeOf source} is not a path"
                "list the files and folders that args.nix reads, [ ./lib ] for instance";
        in
        if builtins.pathExists path then
          path
        else
          refuse "sources[${toString index}]" "there is no ${toString path}"
            "list files and folders that args.nix reads";
    in
    if !builtins.isAttrs arguments then
      refuse "arguments" "a value of type ${builtins.typeOf arguments} is not a set"
        ''write { tag = "dev"; }''
    else if arguments != { } && !builtins.isFunction value then
      refuse "arguments" "${toString file} is not a function, it takes none"
        "start the file with a pattern: { ${builtins.head (builtins.attrNames arguments)} ? …, }: { … }"
    else if !builtins.isAttrs recipe then
      refuse where "${toString file} gives a value of type ${builtins.typeOf recipe}, not a set"
        "write { name = …; files = { … }; annotations = { … }; }"
    else
      {
        inherit recipe folder;
        file = {
          argsFile = argsSource file (builtins.genList extra (builtins.length sources));
          arguments = jsonSafe "arguments" arguments;
        };
      };

  known = [
    "argsFile"
    "arguments"
    "sources"
  ];
  unknown = builtins.attrNames (removeAttrs argument known);
in
if isLocation argument then
  fromFile "argument" { argsFile = argument; }
else if !builtins.isAttrs argument then
  refuse "argument" "a value of type ${builtins.typeOf argument} does not describe an image"
    "give the path of an args.nix, or a set { name = …; files = { … }; annotations = { … }; }"
else if argument ? outPath then
  refuse "argument" "${argument.name or "this"} is a derivation, which would have to be built first"
    "give the path of an args.nix, or a set whose `files` name the derivation as `source`"
else if !argument ? argsFile then
  {
    recipe = argument;
    folder = null;
    file = { };
  }
else if unknown != [ ] then
  refuse (builtins.head unknown) "it does not go together with argsFile"
    "keep to ${builtins.concatStringsSep ", " known}, and write the rest in args.nix"
else
  fromFile "argsFile" argument
