let
  build = { name, binary }: name;
in
build { name = "x"; binry = 1; binary = 2; }
