builtins.fromJSON "-01"
