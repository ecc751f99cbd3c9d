let
  source = builtins.trace "evaluated" { a = 1; b = 2; };
  direct = { inherit (builtins.trace "evaluated too" { c = 3; d = 4; }) c d; };
in
{
  inherit (source) a b;
  inherit direct;
}
