# The outputs of a derivation hold each other, so a walk through them ends.
let
  d = derivation {
    name = "x";
    system = "x";
    builder = "x";
    outputs = [
      "out"
      "dev"
    ];
  };
in
[
  d.dev.out.dev.outputName
  (map (o: o.outputName) d.all)
  (builtins.attrNames d.out.dev)
]
