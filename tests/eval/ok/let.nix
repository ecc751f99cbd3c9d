let
  a = 1;
  # The order of bindings does not matter.
  c = b + a;
  b = a + 1;
  inherit (rec { d = 4; e = d; }) d e;
  "quoted name" = 6;
  nested.x = 7;
  nested.y = nested.x + 1;
in
[ a b c d e nested (let in 9) (let a = 10; in let b = a; in b) ]
