let
  scope = { x = 1; map = f: "own map"; };
in
[
  (builtins.scopedImport scope ./support/scoped.nix)
  # Each import has its own scope, so there is no sharing.
  (builtins.scopedImport (scope // { x = 2; }) ./support/scoped.nix)
]
