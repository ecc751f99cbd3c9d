[
  (map (x: x + 1) [ 1 2 ])
  (map (x: x) [ ])
  (builtins.map toString [ 1 true ])
  (builtins.elemAt (map (x: if x == 1 then throw "never" else x) [ 1 2 ]) 1)
]
