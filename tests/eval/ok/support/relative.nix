[
  (import ./one.nix)
  (import ../support/one.nix)
  (builtins.readFile ./text.txt)
]
