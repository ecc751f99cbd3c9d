# A variable is evaluated once, however often it is used.
let
  x = builtins.trace "x" 1;
  f = y: y + y + x;
in
[
  (x + x)
  (f (builtins.trace "argument" 2))
  (let z = builtins.trace "z" x; in [ z z ])
]
