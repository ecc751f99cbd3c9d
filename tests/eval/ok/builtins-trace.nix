[
  (builtins.trace "text" 1)
  (builtins.trace { a = [ 1 (throw "never") ]; } 2)
  (builtins.trace [ ] 3)
  (builtins.traceVerbose "silent" 4)
  (builtins.warn "mind" 5)
]
