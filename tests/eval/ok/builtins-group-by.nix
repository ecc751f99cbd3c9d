[
  (builtins.groupBy (x: if x > 1 then "big" else "small") [ 1 2 3 0 ])
  (builtins.groupBy (x: x) [ ])
  (builtins.groupBy (s: builtins.substring 0 1 s) [ "foo" "bar" "baz" ])
]
