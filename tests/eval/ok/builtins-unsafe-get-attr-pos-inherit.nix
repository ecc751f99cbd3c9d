let
  place = s: name: let p = builtins.unsafeGetAttrPos name s; in [ p.line p.column ];
  a = 1;
  s = {
    inherit a;
    inherit ({ b = 2; c = 3; }) b c;
  };
in
map (place s) [ "a" "b" "c" ]
