let
  f = x: y: [ x y ];
  or = 1;
in
[
  { or = 2; }
  (f or 3)
  { inherit or; }
]
