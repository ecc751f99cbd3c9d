[
  (builtins.filter (x: x > 1) [ 1 2 3 ])
  (builtins.filter (x: true) [ ])
  (builtins.partition (x: x > 1) [ 1 2 3 ])
  (builtins.partition (x: x) [ ])
]
