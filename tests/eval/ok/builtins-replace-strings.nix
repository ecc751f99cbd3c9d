[
  (builtins.replaceStrings [ "a" "b" ] [ "b" "a" ] "abab")
  (builtins.replaceStrings [ "ab" "a" ] [ "1" "2" ] "aabab")
  (builtins.replaceStrings [ "a" "ab" ] [ "1" "2" ] "aabab")
  (builtins.replaceStrings [ "x" ] [ "y" ] "")
  (builtins.replaceStrings [ ] [ ] "abc")
  # An empty text to replace stands between all characters.
  (builtins.replaceStrings [ "" ] [ "_" ] "abc")
  (builtins.replaceStrings [ "" ] [ "_" ] "")
  (builtins.replaceStrings [ "" "a" ] [ "_" "x" ] "abc")
  (builtins.replaceStrings [ "a" "" ] [ "x" "_" ] "abc")
  (builtins.replaceStrings [ "\n" ] [ "\\n" ] "a\nb")
]
