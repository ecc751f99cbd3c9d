[
  (builtins.concatStringsSep ", " [ "a" "b" "c" ])
  (builtins.concatStringsSep ", " [ "a" ])
  (builtins.concatStringsSep ", " [ ])
  (builtins.concatStringsSep "" [ "a" "" "b" ])
  (builtins.concatStringsSep "/" [ { outPath = "p"; } { __toString = _: "q"; } ])
]
