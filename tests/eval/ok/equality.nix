[
  [ (1 == 1) (1 == 1.0) (1 == 2) (1 != 2) (1 == "1") ]
  [ ("a" == "a") (/a == /a) ("/a" == /a) ]
  [ (null == null) (null == false) (true == true) ]
  [ ([ ] == [ ]) ([ 1 [ 2 ] ] == [ 1 [ 2 ] ]) ([ 1 2 ] == [ 2 1 ]) ]
  [ ({ } == { }) ({ a = 1; } == { a = 1.0; }) ({ a = 1; } == { b = 1; }) ]
  # Different lengths and names decide before any value.
  ([ (throw "never") ] == [ ])
  ({ a = throw "never"; } == { b = throw "never"; })
  ([ 1 (throw "never") ] == [ 2 (throw "never") ])
]
