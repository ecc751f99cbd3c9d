let
  fix = f: let x = f x; in x;
  even = n: n == 0 || odd (n - 1);
  odd = n: n != 0 && even (n - 1);
in
[
  (fix (self: { a = 1; b = self.a + 1; }))
  (even 100)
  (odd 101)
]
