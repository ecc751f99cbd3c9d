[
  (builtins.listToAttrs [ { name = "a"; value = 1; } { name = "b"; value = 2; } ])
  # The first of several wins, and the others need no value.
  (builtins.listToAttrs [ { name = "a"; value = 1; } { name = "a"; value = throw "never"; } ])
  (builtins.listToAttrs [ { name = "x y"; value = { }; more = 1; } ])
  (builtins.listToAttrs [ ])
]
