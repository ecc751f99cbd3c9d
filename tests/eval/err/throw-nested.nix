let
  outer = x: middle (x + 1);
  middle = x: { value = inner x; };
  inner = x: if x > 1 then throw "too large: ${toString x}" else x;
in
{
  result = (outer 1).value;
}
