builtins.trace "imported" 1
