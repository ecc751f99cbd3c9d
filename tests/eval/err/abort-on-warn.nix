builtins.tryEval (builtins.warn "old" (throw "not caught either"))
