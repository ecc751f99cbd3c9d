let
  x.y = 1;
  z.w = 2;
in
{
  a = {
    inherit (x) y;
  };
  a = {
    inherit (z) w;
    inherit x;
  };
  a.q = 3;
}
