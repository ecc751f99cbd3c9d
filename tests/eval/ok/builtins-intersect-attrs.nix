[
  (builtins.intersectAttrs { a = 1; b = 2; } { b = 3; c = 4; })
  (builtins.intersectAttrs { } { a = 1; })
  (builtins.intersectAttrs { a = throw "never"; b = 1; d = 1; e = 1; } { a = 2; })
]
