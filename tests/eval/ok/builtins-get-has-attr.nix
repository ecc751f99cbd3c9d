[
  (builtins.getAttr "a" { a = 1; })
  (builtins.hasAttr "a" { a = throw "never"; })
  (builtins.hasAttr "b" { a = 1; })
  (builtins.hasAttr "a.b" { a.b = 1; })
]
