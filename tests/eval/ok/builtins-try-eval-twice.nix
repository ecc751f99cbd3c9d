# A value that failed fails again.
let
  bad = throw "x";
  attempt = builtins.tryEval bad;
in
[ attempt attempt (builtins.tryEval bad) ]
