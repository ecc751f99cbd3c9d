[
  /a
  /a/b/../c/./d
  /.
  /a/../../..
  /a.b/c-d/e_f/+g
  (builtins.typeOf ./x)
  (builtins.baseNameOf ./x)
  (builtins.baseNameOf a/b)
  (builtins.dirOf ../x == builtins.dirOf ../.)
  (./. + "/x" == ./x)
  # A path wins over a division.
  (builtins.typeOf (6/2))
]
