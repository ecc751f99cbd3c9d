# What a program says about the way is never left out; the same again is said once.
let
  f = n:
    if n == 0 then
      throw "the end"
    else if n == 7 || n == 12 then
      builtins.addErrorContext "while counting down from ${toString n}" (g (n - 1))
    else if n > 14 then
      builtins.addErrorContext "while counting" (f (n - 1))
    else
      g (n - 1);
  g = n: 1 + f n;
in
f 20
