# What a builtin makes was written nowhere; what `listToAttrs` makes, at its value.
let
  place = s: name:
    let p = builtins.unsafeGetAttrPos name s; in
    if p == null then null else p.line;
in
[
  (place (builtins.mapAttrs (n: v: v) { a = 1; }) "a")
  (place (builtins.zipAttrsWith (n: v: v) [ { a = 1; } ]) "a")
  (place (builtins.groupBy (x: x) [ "a" ]) "a")
  (place (builtins.fromJSON ''{"a": 1}'') "a")
  (place (builtins.listToAttrs [
    {
      name = "a";
      value = 1;
    }
  ]) "a")
]
