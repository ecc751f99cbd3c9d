[
  (builtins.elem 1 [ 3 2 1 ])
  (builtins.elem 1 [ 1.0 ])
  (builtins.elem { a = 1; } [ { a = 1; } ])
  (builtins.elem "x" [ ])
  (builtins.elem 1 [ 1 (throw "never") ])
]
