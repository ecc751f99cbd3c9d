[
  (builtins.builtins ? map)
  (builtins.builtins.builtins == builtins.builtins.builtins)
  builtins.true
  builtins.false
  builtins.null
  builtins.langVersion
  builtins.storeDir
  (builtins ? nixVersion)
  (builtins.compareVersions builtins.nixVersion "2.8" >= 0)
  (builtins ? notThere)
  (builtins.typeOf builtins.map)
]
