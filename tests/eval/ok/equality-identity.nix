# Functions are equal to nothing, unless the very same value stands in a list or set.
let
  f = x: x;
  s = { inherit f; };
  l = [ f ];
in
[
  (f == f)
  ([ f ] == [ f ])
  ({ a = f; } == { a = f; })
  (s == s)
  (l == l)
  ([ s ] == [ s ])
  ([ (x: x) ] == [ (x: x) ])
  (builtins.elem f [ f ])
  ([ map ] == [ map ])
]
