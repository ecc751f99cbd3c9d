{
  base = map baseNameOf [ "a/b" "a/b/" "a//" "/" "" "a" "/a" { outPath = "x/y"; } /p/q /. ];
  dir = map dirOf [ "a/b" "a/b/" "a//b" "/" "" "a" "/a" "//a" { outPath = "x/y"; } /p/q /p /. ];
  types = map builtins.typeOf [ (dirOf /p/q) (dirOf "p/q") (baseNameOf /p/q) ];
}
