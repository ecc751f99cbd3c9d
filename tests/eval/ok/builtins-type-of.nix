[
  (map builtins.typeOf [ 1 1.0 "a" /a null true [ ] { } (x: x) map (map 1) ])
  (map builtins.isInt [ 1 1.0 ])
  (map builtins.isFloat [ 1 1.0 ])
  (map builtins.isString [ "a" /a ])
  (map builtins.isPath [ "a" /a ])
  (map builtins.isBool [ true null ])
  (map builtins.isNull [ null false ])
  (map builtins.isList [ [ ] { } ])
  (map builtins.isAttrs [ [ ] { } ])
  (map builtins.isFunction [ (x: x) map (map 1) { __functor = 1; } ])
]
