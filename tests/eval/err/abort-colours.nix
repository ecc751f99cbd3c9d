let
  esc = builtins.fromJSON ''"\u001b"'';
in
builtins.addErrorContext "while ${esc}[32mgreen${esc}[m" (abort "${esc}[38;5;196mred")
