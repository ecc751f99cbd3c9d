let
  place = s: name:
    let p = builtins.unsafeGetAttrPos name s; in
    if p == null then null else [ (baseNameOf p.file) p.line p.column ];
  s = {
    a = 1;
    b.c = 2;
    ${"d" + ""} = 3;
  };
in
[
  (place s "a")
  (place s "b")
  (place s.b "c")
  (place s "d")
  (place s "not-there")
  (place (s // { a = 2; }) "a")
  (place (removeAttrs s [ "b" ]) "a")
  (place (builtins.functionArgs ({ x, y ? 1 }: x)) "y")
  (place (builtins.intersectAttrs { a = 1; } s) "a")
]
