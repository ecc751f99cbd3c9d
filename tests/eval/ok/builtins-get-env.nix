# No variable is set, as in pure evaluation.
builtins.getEnv "HOME"
