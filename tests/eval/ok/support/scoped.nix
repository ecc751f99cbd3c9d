[
  x
  (map 1)
  (let x = 3; in x)
  (builtins.isFunction builtins.map)
]
