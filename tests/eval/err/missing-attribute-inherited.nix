let
  source = { first = 1; };
  inherit (source) frist;
in
[ frist ]
