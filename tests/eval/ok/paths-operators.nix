[
  (/a + /b)
  (/a + "b")
  (/a + "/b")
  (/a + "/../b")
  (/a + "")
  (/. + "a")
  (/a + { outPath = "/b"; })
  (builtins.typeOf (/a + "b"))
  (/a == /a)
  (/a/b == /a + "/b")
]
