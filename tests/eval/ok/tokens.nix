# Where one token ends and the next begins: the longest match counts.
let
  e = "e";
  em = "em";
  e2 = "e2";
  a = { b = 6; e2 = "selected"; };
  x = 6;
  b = [ 2 ];
  f = n: t: "${toString n}${t}";
in
{
  floats = [ 1. .5 1.5 10. 0.5 00.5 007 1.e2 1.E+2 .5e-1 1.5e3 1e2 ];
  floats-and-names = [ 0.1e 1.5em 1.e .5em 1.5e3em ];
  floats-side-by-side = [ 1.0.0 1..5 .5.5 05.5 0123.25 ];
  signs = [ (1.5-1) (1.5 -1) (2.-1.) (x -1) ];
  exponent-is-name = f 1.5e;
  exponent-and-sum = f 1.5e+"x";
  integer-and-name = f 3e;
  division = [ (6/(2)) (6/ 2) (6 / 2) (x/(3)) (a.b/(2)) (12/(2)/(3)) ];
  division-by-text = builtins.tryEval ((throw "needed")/"2");
  paths = [ .../x ...a/x 1.5/2 0./x 5/-3 a+/b -/x ++/x a-b/c ./a+b _/x x-/y ];
  paths-of-dots = [ ./. ./.../.. ..../.... ./.../x ];
  path-with-slashes = [ ./a${"x"}//b /a/${"b"}///c ./.${"."}/d /${"a"}//${"b"}//c ];
  search-or-less = let low = 1; in [ (low<x) (low <x) (low<x/(2)) (x<low) ];
  update = [ ({ }//{ c = 1; }) (a//{ b = 1; }).b ({ }// { }) ];
  uri = [ a:b x:./y a:b/c1.2+3-4 http://e.f/?g=%20&h=~i*j'k!$,l@ ];
  not-uri = [ ((a_b:b) 1) ((a': a') 2) ];
  comments = [ 1/* a */2 3# b
    4 /**/ 5 /***/ 6 /* * / ** */ ];
  names = let if-then = 1; or' = 2; rec1 = 3; in' = 4; let-in = 5; in [ if-then or' rec1 in' let-in ];
  text = [ "$" "$$" "$${x}" "a$" ''$'' ''$${x}'' ];
}
