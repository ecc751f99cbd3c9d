[
  (removeAttrs { a = 1; b = 2; c = 3; } [ "a" "z" ])
  (builtins.removeAttrs { a = 1; } [ ])
  (removeAttrs { a = throw "never"; b = 1; } [ "a" "a" ])
  (removeAttrs { } [ "a" ])
]
