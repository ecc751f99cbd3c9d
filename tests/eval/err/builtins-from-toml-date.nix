builtins.fromTOML "released = 1979-05-27"
