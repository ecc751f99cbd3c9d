# The source is only evaluated when one of its names is.
[
  (builtins.attrNames { inherit (throw "never") a b; })
  (let inherit (throw "never") a; in 1)
]
