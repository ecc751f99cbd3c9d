builtins.fromTOML "é = [ 1, 2"
