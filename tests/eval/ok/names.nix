let
  a' = 1;
  _b = 2;
  c-d = 3;
  e'' = 4;
  _ = 5;
  X9 = 6;
in
{
  inherit a' _b c-d e'' _ X9;
  "" = 7;
  "if" = 8;
  "a b" = 9;
  "1a" = 10;
  "é" = 11;
  "a.b" = 12;
}
