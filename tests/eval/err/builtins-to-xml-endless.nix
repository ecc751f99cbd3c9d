# A list without an end: its indentation grows with the depth, and the text with its square.
let
  list = [ list ];
in
builtins.toXML list
