builtins.findFile [ { path = ./support; } ] "not-there"
