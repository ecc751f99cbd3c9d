let
  zero = 1 - 1;
in
10 / zero
