[
  (builtins.mapAttrs (n: v: n + v) { a = "1"; b = "2"; })
  (builtins.mapAttrs (n: v: n) { a = throw "never"; })
  (builtins.mapAttrs (throw "never") { })
  (builtins.mapAttrs (n: v: throw "never") { a = 1; } ? a)
]
