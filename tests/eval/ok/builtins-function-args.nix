[
  (builtins.functionArgs ({ a, b ? 2, ... }: a))
  (builtins.functionArgs ({ }: 1))
  (builtins.functionArgs (x: x))
  (builtins.functionArgs (args@{ c }: c))
]
