let
  outer = "let";
  s = { a = 1; b = 2; outer = "with"; };
in
[
  (with s; [ a b ])
  # A `let` or argument wins over any `with`, however near.
  (with s; outer)
  (with s; with { a = 3; }; [ a b ])
  ((a: with s; a) "argument")
  (with { map = "never"; x = 1; }; map (y: y + x) [ 1 ])
  (with { inherit s; }; with s; a)
  (with s; let a = 5; in a)
  (with s; { inherit a; c = b; })
]
