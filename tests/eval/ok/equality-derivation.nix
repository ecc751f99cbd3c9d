# Sets that say they are derivations are compared by their `outPath` alone.
let
  drv = outPath: more: { type = "derivation"; inherit outPath more; };
in
[
  (drv "a" 1 == drv "a" 2)
  (drv "a" 1 == drv "b" 1)
  (drv "a" 1 == { outPath = "a"; more = 2; })
  ({ type = "derivation"; a = 1; } == { type = "derivation"; a = 1; })
]
