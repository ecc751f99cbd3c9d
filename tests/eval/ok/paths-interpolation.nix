let
  name = "n";
in
[
  /a/${name}
  /a/${name}/b
  /a/x${name}y.${name}
  /a/${"b/../c"}
  /a/${name + "/"}
  /${name}
  (./${name} == ./n)
  (./. + "/${name}" == ./${name})
  (builtins.typeOf /a/${name})
]
