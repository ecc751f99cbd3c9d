[
  (builtins.addErrorContext "never shown" 1)
  (builtins.addErrorContext (throw "never") 2)
]
