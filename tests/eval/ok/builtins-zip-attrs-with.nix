[
  (builtins.zipAttrsWith (n: vs: { inherit n vs; }) [ { a = 1; b = 2; } { a = 3; } { } ])
  (builtins.zipAttrsWith (n: vs: vs) [ ])
  (builtins.zipAttrsWith (n: vs: throw "never") [ { a = 1; } ] ? a)
  (builtins.zipAttrsWith (n: vs: builtins.length vs) [ { a = throw "never"; } { a = 1; } ])
]
