[
  null
  true
  1
  (-1)
  1.0
  (-0.5)
  "a\"b\\c\nd\re\tf\${g}$h"
  "é→"
  /a
  [ ]
  { }
  (x: x)
  ({ a }: a)
  map
  (map 1)
  (builtins.foldl' 1 2)
  { a = { b = [ { } ]; }; }
]
