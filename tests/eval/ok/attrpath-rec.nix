# Merging into a recursive set makes the added attributes part of it; a plain set stays plain.
let
  c = "outer";
in
{
  into = rec {
    a = c;
    c = "inner";
  };
  into.b = c;
  from.b = c;
  from = rec {
    a = c;
    c = "inner";
  };
  twice = rec { c = 1; };
  twice = rec { d = c; };
}
