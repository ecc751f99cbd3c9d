let
  check = name: value: builtins.addErrorContext "while checking ${name}" value;
in
check "outer" (check "inner" (throw "no"))
