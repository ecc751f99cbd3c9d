let
  s.a.b.c = 1;
  name = "b";
in
[
  s.a.b.c
  s."a".${name}."${"c"}"
  s.a.x or 2
  s.x.y.z or 3
  s.a.b.c.d or 4
  (1).a or 5
  (s.a.b.c or (throw "never"))
  ({ or = 6; }.or)
  ({ }.a or { }.b or 7)
  [ s.a.b.c s.z or 8 ]
  ((x: x.a) s).b.c
]
