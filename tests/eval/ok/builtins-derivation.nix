# As in Nix, a derivation is a set; only its paths need a store.
let
  drv = derivation { name = "n"; system = "s"; builder = "/b"; extra = 1; };
in
[
  drv.name
  drv.extra
  drv.type
  drv.outputName
  (drv ? outPath)
  (drv // { a = 1; }).a
  (builtins.attrNames drv)
]
