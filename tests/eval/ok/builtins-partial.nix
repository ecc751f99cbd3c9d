let
  add = builtins.add 1;
  fold = builtins.foldl' (a: b: a + b);
in
[
  (add 2)
  (fold 0 [ 1 2 ])
  (map (builtins.substring 0 1) [ "ab" "cd" ])
  (builtins.isFunction (builtins.replaceStrings [ ]))
]
