let
  adder = {
    n = 2;
    __functor = self: x: x + self.n;
  };
in
[
  (adder 1)
  ((adder // { n = 10; }) 1)
  (map adder [ 1 2 ])
  (builtins.isFunction adder)
  (builtins.typeOf adder)
  ({ __functor = _: { __functor = _: x: x; }; } 3)
  ({ __functor = _: { a, b ? 1 }: a + b; } { a = 2; })
  (builtins.foldl' { __functor = _: a: b: a * b; } 1 [ 2 3 4 ])
]
