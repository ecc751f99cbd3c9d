[
  (builtins.foldl' (a: b: a + b) 0 [ 1 2 3 ])
  (builtins.foldl' (a: b: a + b) "" [ "a" "b" ])
  (builtins.foldl' (a: b: [ b ] ++ a) [ ] [ 1 2 3 ])
  (builtins.foldl' (a: b: a) 1 [ (throw "never") ])
  (builtins.foldl' (a: b: b) (throw "never") [ 2 ])
  (builtins.foldl' (a: b: throw "never") 3 [ ])
  (builtins.attrNames (builtins.foldl' (a: b: a // { ${b} = throw "never"; }) { } [ "x" "y" ]))
]
