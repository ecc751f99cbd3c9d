# POSIX: the leftmost longest match, and each group the longest that allows it.
[
  (builtins.match "(a|ab)(c|bcd)(d*)" "abcd")
  (builtins.match "(a*)(ab)*(b*)" "abb")
  (builtins.split "(a|ab)" "xabx")
  (builtins.match "(.*)(.*)" "ab")
]
