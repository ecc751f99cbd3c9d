# Calls in tail position need no stack.
let
  count = n: if n == 0 then "done" else count (n - 1);
  loop = n: acc: if n == 0 then acc else let m = n - 1; in assert m >= 0; loop m (acc + n);
in
[
  (count 200000)
  (builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 200000))
]
