let
  bad = throw "never";
  s = { inherit bad; good = 1; };
in
[
  s.good
  (builtins.length [ bad bad ])
  (builtins.attrNames s)
  ((x: 1) bad)
  (builtins.elemAt [ bad 2 ] 1)
  (let unused = bad; in 3)
  ((s // { good = 4; }).good)
  (builtins.length (map (x: bad) [ 1 2 ]))
  (builtins.attrNames (builtins.mapAttrs (_: _: bad) s))
  (builtins.seq { x = bad; } 5)
  (builtins.head (builtins.tail [ bad 6 bad ]))
]
