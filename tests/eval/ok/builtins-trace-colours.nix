let
  esc = builtins.fromJSON ''"\u001b"'';
in
builtins.trace "${esc}[31mred${esc}[0m\ttab\nline ${esc}[2K${esc}[31m" (builtins.warn "${esc}[1mbold" (builtins.trace { a = "${esc}[31m"; } 1))
