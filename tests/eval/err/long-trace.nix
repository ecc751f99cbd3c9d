# The middle of a long way in is left out.
let
  f0 = x: throw "at the bottom";
  f1 = x: 1 + f0 x;
  f2 = x: 1 + f1 x;
  f3 = x: 1 + f2 x;
  f4 = x: 1 + f3 x;
  f5 = x: 1 + f4 x;
  f6 = x: 1 + f5 x;
  f7 = x: 1 + f6 x;
  f8 = x: 1 + f7 x;
  f9 = x: 1 + f8 x;
in
f9 0
