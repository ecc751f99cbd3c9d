let
  thing = {
    name = "x";
    __toString = self: "thing-${self.name}";
  };
in
[
  "${thing}"
  (toString thing)
  ("a" + thing)
  (thing + "b")
  "${{ outPath = "out"; }}/bin"
  # `__toString` comes before `outPath`.
  "${{ outPath = "out"; __toString = _: "text"; }}"
  "${{ outPath = { outPath = "deep"; }; }}"
  "${{ __toString = _: thing; }}"
  (builtins.concatStringsSep "," [ thing "y" ])
]
