[
  (builtins.elemAt [ 1 2 3 ] 2)
  (builtins.elemAt [ (throw "never") 2 ] 1)
  (builtins.head [ 1 (throw "never") ])
  (builtins.tail [ 1 2 3 ])
  (builtins.tail [ 1 ])
  (builtins.length (builtins.tail [ 1 (throw "never") ]))
]
