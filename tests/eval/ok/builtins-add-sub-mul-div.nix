[
  (builtins.add 1 2)
  (builtins.add 1 2.5)
  (builtins.sub 1 2)
  (builtins.mul 3 4)
  (builtins.mul 3 0.5)
  (builtins.div 7 2)
  (builtins.div 7.0 2)
  (__sub 5 3)
]
