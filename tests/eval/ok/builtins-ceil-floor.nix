{
  ceil = map builtins.ceil [ 1.5 (-1.5) 2.0 3 (-0.5) ];
  floor = map builtins.floor [ 1.5 (-1.5) 2.0 3 (-0.5) ];
}
