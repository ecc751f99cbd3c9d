[
  (builtins.length [ ])
  (builtins.length [ 1 (throw "never") ])
  (builtins.stringLength "")
  (builtins.stringLength "aé")
  (builtins.stringLength { outPath = "abc"; })
]
