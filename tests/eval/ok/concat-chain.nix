let
  f = x: x;
in
{
  chain = [ 1 ] ++ [ ] ++ [ 2 3 ] ++ ([ 4 ] ++ [ ]) ++ [ 5 ];
  left = ([ 1 ] ++ [ 2 ]) ++ [ 3 ];
  empty = [ ] ++ [ ] ++ [ ];
  lazy = builtins.length ([ (throw "a") ] ++ [ ] ++ [ (throw "b") ]);
  same = [ f ] ++ [ ] == [ ] ++ [ f ];
}
