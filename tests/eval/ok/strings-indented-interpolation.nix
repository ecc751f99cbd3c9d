let
  lines = "1\n2";
  blank = "  ";
in
[
  # Lines of an interpolated value are not indented.
  ''
    a ${lines}
      b
  ''
  # An interpolation at the start of a line is text, whatever it holds.
  ''
      ${blank}a
    b
  ''
  ''
    ${""}
      a''
  ''${"a"}
    b''
  ''   ${"x"}
    a''
  ''
    a
   ${"b"} ''
  ''
    a
      ${""}''
  ''
    a ${"x"}
     ''
]
