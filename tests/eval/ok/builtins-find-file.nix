let
  path = [
    { prefix = "lib"; path = ./support; }
    { prefix = ""; path = ./support; }
    { prefix = "lib"; path = "/not-there"; }
  ];
in
[
  (import (builtins.findFile path "lib/one.nix"))
  (import (builtins.findFile path "one.nix"))
  (builtins.findFile path "lib" == ./support)
  (builtins.tryEval (builtins.findFile path "library")).success
  (builtins.tryEval (builtins.findFile [ ] "x")).success
]
