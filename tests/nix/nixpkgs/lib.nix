# What the Nix files of bimanix use of nixpkgs' lib.
let
  prefixed = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  within = outer: path: path == outer || prefixed "${outer}/" path;

  # A file set is a list of { base; keep; }: of what is in the folder or file
  # `base`, the files that `keep` holds for.
  coerce =
    where: value:
    if builtins.isPath value then
      if builtins.pathExists value then
        [
          {
            base = value;
            keep = _file: true;
          }
        ]
      else
        throw "lib.fileset.${where}: ${toString value} is a path that does not exist"
    else if builtins.isList value then
      value
    else
      throw "lib.fileset.${where}: neither a file set nor a path";
in
{
  genAttrs =
    names: make:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = make name;
      }) names
    );

  importTOML = path: builtins.fromTOML (builtins.readFile path);

  optional = condition: value: if condition then [ value ] else [ ];

  optionalString = condition: text: if condition then text else "";

  licenses.asl20 = {
    spdxId = "Apache-2.0";
  };

  platforms = {
    linux = [
      "x86_64-linux"
      "aarch64-linux"
    ];
    darwin = [
      "x86_64-darwin"
      "aarch64-darwin"
    ];
  };

  fileset = {
    unions = sets: builtins.concatLists (map (coerce "unions") sets);

    fileFilter =
      predicate: base:
      assert builtins.isPath base;
      [
        {
          inherit base;
          keep =
            path:
            let
              name = baseNameOf path;
            in
            predicate {
              inherit name;
              type = "regular";
              hasExt = extension: builtins.match ".*\\.${extension}" name != null;
            };
        }
      ];

    # Unlike that of nixpkgs, this keeps folders in which no file is left.
    toSource =
      { root, fileset }:
      let
        parts = coerce "toSource" fileset;
        outside = builtins.filter (part: !within (toString root) (toString part.base)) parts;
        leadsTo = path: part: within path (toString part.base);
        holds = path: part: within (toString part.base) path;
      in
      assert builtins.isPath root;
      assert
        outside == [ ]
        || throw "lib.fileset.toSource: not under the root: ${toString (map (part: part.base) outside)}";
      {
        name = "source";
        outPath = builtins.path {
          path = root;
          name = "source";
          filter =
            path: type:
            if type == "directory" then
              builtins.any (part: leadsTo path part || holds path part) parts
            else
              builtins.any (part: holds path part && part.keep path) parts;
        };
      };
  };
}
