let
  esc = builtins.fromJSON ''"\u001b"'';
in
throw "${esc}[1;31mred${esc}[0m, ${esc}[2J${esc}]0;title${builtins.fromJSON ''"\u0007"''}\nand ${esc}[35mpurple"
