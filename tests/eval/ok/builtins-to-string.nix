map toString [
  "a"
  /a/b
  1
  (-1)
  1.0
  0.1
  1.0e10
  true
  false
  null
  [ ]
  [ 1 [ 2 3 ] "a" ]
  [ [ ] 1 ]
  [ 1 [ ] 2 ]
  [ 1 null 2 ]
  [ "" "" ]
  { outPath = "out"; }
  { __toString = self: self.x; x = "text"; }
  { outPath = { outPath = "deep"; }; }
]
