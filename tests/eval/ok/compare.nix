[
  [ (1 < 2) (2 <= 2) (3 > 2) (2 >= 3) ]
  [ (1 < 1.5) (1.5 <= 1) (2 >= 1.5) ]
  [ ("a" < "b") ("a" < "B") ("a" < "aa") ("" < "a") ("é" > "z") ]
  [ (/a < /b) (/a/b < /a) ]
  [ ([ ] < [ 1 ]) ([ 1 2 ] < [ 1 3 ]) ([ 1 ] <= [ 1 ]) ([ 2 ] > [ 1 9 ]) ([ [ 1 ] ] < [ [ 2 ] ]) ]
  # What follows the first difference is not looked at.
  ([ 1 (throw "never") ] < [ 2 (throw "never") ])
]
