[
  (builtins.all (x: x > 1) [ 2 3 ])
  (builtins.all (x: x > 1) [ 1 (throw "never") ])
  (builtins.any (x: x > 1) [ 0 3 (throw "never") ])
  (builtins.any (x: x) [ ])
]
