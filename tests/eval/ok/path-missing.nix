# Only where Nix copies a path into its store there must be something.
let
  missing = ./missing;
in
[
  missing
  (toString missing)
  (missing + "/x")
  (builtins.baseNameOf missing)
  (dirOf missing)
  ./missing/${"x"}
  ({ outPath = missing; } + "/x")
  (builtins.pathExists missing)
  (builtins.toJSON { __toString = _: missing; })
  (toString { outPath = missing; })
]
