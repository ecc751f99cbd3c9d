let
  from = n: { head = n; tail = from (n + 1); };
  take = n: s: if n == 0 then [ ] else [ s.head ] ++ take (n - 1) s.tail;
  ones = { head = 1; tail = ones; };
  fibs = let go = a: b: { head = a; tail = go b (a + b); }; in go 0 1;
in
[
  (take 5 (from 3))
  (take 3 ones)
  (take 15 fibs)
  (let s = { a = s; b = 1; }; in s.a.a.a.b)
]
