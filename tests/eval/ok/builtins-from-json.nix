[
  (builtins.fromJSON "null")
  (builtins.fromJSON "[true, false, 1, -1, 1.5, 1e3, -0, -0.0]")
  (builtins.fromJSON ''{"b": {"c": []}, "a b": "x"}'')
  (builtins.fromJSON ''{"a": 1, "a": 2}'')
  (builtins.fromJSON ''"\u00e9\ud83d\ude00\n\"\\\/"'')
  (builtins.fromJSON "  [ 1 ,2 ]  ")
  (builtins.fromJSON "9223372036854775807")
  (builtins.fromJSON "-9223372036854775808")
]
