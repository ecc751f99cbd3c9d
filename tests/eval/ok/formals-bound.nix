[
  ((args@{ a, ... }: args) { a = 1; b = 2; })
  (({ a, ... }@args: args.b) { a = 1; b = 2; })
  # Defaults are no part of the bound set.
  ((args@{ a ? 1 }: args) { })
  ((args@{ a ? args.b, b }: a) { b = 3; })
  ((args@{ ... }: builtins.attrNames args) { x = 1; })
]
