# A set is named once; empty ones are always shown.
let
  s = { x = 1; };
  e = { };
  rec1 = { self = rec1; n = 1; };
in
[
  s
  s
  [ s ]
  { inherit s; }
  e
  e
  [ ]
  (s // { })
  { x = 1; }
  rec1
]
