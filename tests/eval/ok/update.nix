[
  ({ a = 1; b = 2; } // { b = 3; c = 4; })
  ({ } // { })
  ({ a = 1; } // { })
  # Only the top level is merged.
  ({ a.x = 1; } // { a.y = 2; })
  ({ a = throw "never"; } // { a = 1; })
]
