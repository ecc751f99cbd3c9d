let
  name = "n";
  none = null;
in
[
  { ${name} = 1; }
  { "${name}-x" = 2; "a${"b"}" = 3; }
  { ${"lit"} = 4; lit2.${name}.x = 5; }
  # `null` leaves the attribute out and its value is not needed.
  { ${null} = throw "never"; kept = 6; }
  { ${none}.deep = 7; }
  { ${if true then "yes" else "no"} = 8; }
]
