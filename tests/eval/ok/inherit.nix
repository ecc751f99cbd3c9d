let
  x = 1;
  y = 2;
  s = {
    p = 3;
    "q r" = 4;
    or = 5;
  };
in
[
  { inherit x y; }
  { inherit "x"; inherit ${"y"}; }
  { inherit (s) p "q r" or; }
  { inherit; inherit (s); }
  # The outer `x`, although the set is recursive.
  (rec { inherit x; z = x; })
  (let inherit (s) p; in p)
  (let x = 6; in { inherit x; })
]
