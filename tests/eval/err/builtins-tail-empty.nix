let
  rest = builtins.tail [ ];
in
rest
