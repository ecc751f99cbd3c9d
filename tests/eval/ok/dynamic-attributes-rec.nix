# Dynamic names see the recursive scope but are no part of it.
let
  a = "outer";
in
rec {
  key = "b";
  ${key} = a;
  c = key;
  ${"a" + ""} = "dynamic";
}
