let
  s = {
    a.b = throw "never";
    "x.y" = 1;
  };
in
[
  (s ? a)
  (s ? a.b)
  (s ? b)
  (s ? b.c.d)
  (s ? "x.y")
  (s ? x.y)
  (s ? ${"a"}."b")
  (1 ? a)
  ([ ] ? a)
  ({ a = 1; } ? a.b)
]
