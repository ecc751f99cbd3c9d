[
  (builtins.concatLists [ [ 1 ] [ ] [ 2 [ 3 ] ] ])
  (builtins.concatLists [ ])
  (builtins.concatMap (x: [ x (x * 10) ]) [ 1 2 ])
  (builtins.concatMap (x: if x > 1 then [ x ] else [ ]) [ 1 2 3 ])
  (builtins.length (builtins.concatLists [ [ (throw "never") ] [ 1 ] ]))
]
