[
  (builtins.substring 0 2 "abc")
  (builtins.substring 1 100 "abc")
  (builtins.substring 1 (-1) "abc")
  (builtins.substring 3 1 "abc")
  (builtins.substring 10 1 "abc")
  (builtins.substring 1 0 "abc")
  (builtins.substring 0 2 { outPath = "xyz"; })
  (builtins.substring 0 2 "éa")
]
