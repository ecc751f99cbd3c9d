let
  name = "tag";
in
{ tags = 1; }.${name}
