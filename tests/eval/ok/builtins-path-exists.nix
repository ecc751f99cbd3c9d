map builtins.pathExists [
  ./support
  ./support/one.nix
  ./support/not-there
  (toString ./support + "/")
  (toString ./support/one.nix + "/")
  (toString ./support/one.nix + "/.")
  /.
]
