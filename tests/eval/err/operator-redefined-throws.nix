let
  minus = a: b: throw "${toString a} and ${toString b}";
in
rec {
  __sub = minus;
  difference = 1 - 2;
}
