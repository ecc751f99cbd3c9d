let s = { __functor = self: x: 1 + self x; }; in s 1
