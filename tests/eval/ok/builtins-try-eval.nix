[
  (builtins.tryEval 1)
  (builtins.tryEval (throw "x"))
  (builtins.tryEval (assert false; 1))
  (builtins.tryEval <not-there>)
  # Only to weak head normal form.
  (builtins.tryEval { a = throw "x"; }).success
  (builtins.tryEval (builtins.tryEval (throw "x")))
  (builtins.tryEval (import ./support/throws.nix))
  (builtins.tryEval (map (x: throw "x") [ 1 ])).success
]
