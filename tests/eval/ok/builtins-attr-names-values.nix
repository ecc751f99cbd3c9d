let
  s = { b = 1; a = 2; "c d" = 3; B = 4; "10" = 5; "9" = 6; "é" = 7; z = 8; };
in
[
  (builtins.attrNames s)
  (builtins.attrValues s)
  (builtins.attrNames { })
  (builtins.attrNames { x = throw "never"; })
]
