let
  l = [ 1 ];
  self = [ self ];
in
[ l l { inherit l; } self ]
