# Only what `throw` and `assert` raise is caught.
builtins.tryEval (1 + "a")
