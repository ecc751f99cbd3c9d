let
  f = { name, tag ? "latest" }: name;
in
f { tag = "x"; }
