let
  compare = pair: builtins.compareVersions (builtins.head pair) (builtins.elemAt pair 1);
in
map compare [
  [ "1.0" "1.0" ]
  [ "1.0" "2.3" ]
  [ "2.1" "2.3" ]
  [ "2.3" "2.3.1" ]
  [ "2.3.1" "2.3" ]
  [ "2.3.1" "2.3a" ]
  [ "2.3pre1" "2.3" ]
  [ "2.3" "2.3pre1" ]
  [ "2.3pre3" "2.3pre12" ]
  [ "2.3a" "2.3c" ]
  [ "2.3pre1" "2.3c" ]
  [ "2.3pre1" "2.3q" ]
  [ "" "" ]
  [ "" "1" ]
  [ "01" "1" ]
  [ "1.-.2" "1.2" ]
  [ "1_2" "1+2" ]
]
