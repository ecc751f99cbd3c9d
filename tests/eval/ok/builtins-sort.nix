let
  byKey = builtins.sort (a: b: a.k < b.k);
in
[
  (builtins.sort (a: b: a < b) [ 3 1 2 ])
  (builtins.sort builtins.lessThan [ "b" "a" "B" ])
  (builtins.sort builtins.lessThan [ 2 1.5 1 ])
  (builtins.sort builtins.lessThan [ [ 2 ] [ 1 2 ] [ 1 ] ])
  (builtins.sort (a: b: a > b) [ 1 2 3 ])
  (builtins.sort (a: b: a < b) [ ])
  # Stable.
  (map (x: x.v) (byKey [ { k = 1; v = 1; } { k = 0; v = 2; } { k = 1; v = 3; } { k = 0; v = 4; } ]))
]
