let
  algorithms = [ "md5" "sha1" "sha256" "sha512" ];
in
[
  (map (a: builtins.hashString a "") algorithms)
  (map (a: builtins.hashString a "bimanix") algorithms)
  (map (a: builtins.hashFile a ./support/text.txt) algorithms)
  (builtins.hashFile "sha256" ./support/text.txt
    == builtins.hashString "sha256" (builtins.readFile ./support/text.txt))
]
