[
  (builtins.toJSON null)
  (builtins.toJSON [ true false 1 (-1) "a" [ ] { } ])
  (builtins.toJSON { b = 1; a = { c = [ 1 2 ]; }; "é \"" = 3; })
  (builtins.toJSON "a\"b\\c\nd\te\rf/é<")
  (builtins.toJSON { outPath = "out"; a = 1; })
  (builtins.toJSON { __toString = self: "text ${self.a}"; a = "x"; })
  (builtins.toJSON [ 1.5 (-2.5) 1.0e30 ])
]
