builtins.readFile ./support
