[
  (import <lib/one.nix>)
  (import <one.nix>)
  (import <lib>).name
  (builtins.typeOf <lib>)
  (builtins.tryEval <nothing>).success
]
