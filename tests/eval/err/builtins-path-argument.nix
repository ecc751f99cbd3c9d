builtins.path { path = ./support; nmae = "x"; }
