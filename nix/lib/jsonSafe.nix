{ refuse }:
/*
  A value as it goes into the build as JSON. A path would be copied to the
  store and arrive as another text than the one that was written, and a
  function cannot be written down at all: both are refused by name.
*/
let
  plain = name: builtins.match "[a-zA-Z_][a-zA-Z0-9_'-]*" name != null;
  select =
    where: name:
    let
      quoted = if plain name then name else builtins.toJSON name;
    in
    if where == "" then quoted else "${where}.${quoted}";

  safe =
    where: value:
    let
      type = builtins.typeOf value;
    in
    if type == "set" then
      if value ? outPath || value ? __toString then
        "${value}"
      else
        builtins.mapAttrs (name: safe (select where name)) value
    else if type == "list" then
      builtins.genList (index: safe "${where}[${toString index}]" (builtins.elemAt value index)) (
        builtins.length value
      )
    else if type == "path" then
      refuse where "${toString value} is a path, where text is wanted"
        ''put it in quotes: "${toString value}"''
    else if type == "lambda" then
      refuse where "a function is not a value of an image" "call it, and give what it returns"
    else
      value;
in
safe
