let
  f = import ./support/function.nix;
in
[
  (import ./support/one.nix)
  (import ./support)
  (import ./support/relative.nix)
  (f { a = 1; })
  (import (./support + "/one.nix"))
  (import (toString ./support + "/one.nix"))
  (builtins.isFunction f)
]
