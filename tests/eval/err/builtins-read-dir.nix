builtins.readDir ./support/not-there
