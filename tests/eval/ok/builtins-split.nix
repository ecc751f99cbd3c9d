[
  (builtins.split "(a)b" "abc")
  (builtins.split "([ac])" "1abc")
  (builtins.split "(x)|(y)" "axby")
  (builtins.split "([[:upper:]]+)" " FOO bar ")
  (builtins.split "," "a,b,,c")
  (builtins.split "," "")
  (builtins.split "x" "abc")
  (builtins.split "^a" "aab")
  (builtins.split "a$" "aba")
  (builtins.split "x*" "axb")
  (builtins.split "" "ab")
]
