{ refuse }:
/*
  The recipes of an image: its own under the name "", or one for each
  architecture under that one's name, with what all of them share.
  `src/front/nix/architectures.rs` does the same.
*/
recipe:
let
  architectures = recipe.architectures or "";
  shared = [
    "name"
    "tag"
    "created"
    "allow"
    "architecture"
    "architectures"
  ];
  merged = [
    "files"
    "annotations"
    "env"
    "labels"
    "rootfs"
  ];
  isSet = value: builtins.isAttrs value && !value ? outPath;
  common = removeAttrs recipe [ "architectures" ];

  part =
    architecture: own:
    let
      where = "architectures.${architecture}";
      notItsOwn = builtins.filter (name: own ? ${name}) shared;
      both = builtins.filter (
        name: isSet (common.${name} or null) && isSet (own.${name} or null)
      ) merged;
      union = name: {
        inherit name;
        value = common.${name} // own.${name};
      };
    in
    if !isSet own then
      refuse where "a value of type ${builtins.typeOf own} is not a set"
        "write what the architecture has of its own: { files = { … }; }"
    else if notItsOwn != [ ] then
      refuse "${where}.${builtins.head notItsOwn}" "it cannot differ from architecture to architecture"
        "write it outside of `architectures`, or leave it out"
    else
      common // own // builtins.listToAttrs (map union both) // { inherit architecture; };
in
if architectures == "" || architectures == null then
  { "" = common; }
else if !isSet architectures then
  refuse "architectures" "a value of type ${builtins.typeOf architectures} is not a set"
    "write { amd64 = { files = { … }; }; arm64 = { files = { … }; }; }"
else if architectures == { } then
  refuse "architectures" "no architecture is named" "name each architecture, or leave the field out"
else if recipe ? architecture then
  refuse "architecture" "it stands beside `architectures`" "leave it out: each architecture is known by its name"
else
  builtins.mapAttrs part architectures
