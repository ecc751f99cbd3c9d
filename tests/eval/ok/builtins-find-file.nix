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
  # A place without a name is nowhere, and one that is not absolute starts in the current folder.
  (builtins.tryEval (builtins.findFile [ { path = ""; } ] "etc")).success
  (builtins.findFile [ { path = "support"; } ] "one.nix" == ./support/one.nix)
  (builtins.findFile [ { path = "support"; prefix = "a"; } ] "a//one.nix" == ./support/one.nix)
  (builtins.tryEval (builtins.findFile [ { path = "support"; prefix = "a/"; } ] "a/one.nix")).success
]
