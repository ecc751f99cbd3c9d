let
  cycle = { self = cycle; list = [ cycle ]; };
in
[
  (builtins.deepSeq { a = [ 1 { b = 2; } ]; } 1)
  (builtins.deepSeq cycle 2)
  (builtins.deepSeq (x: throw "never") 3)
  (builtins.tryEval (builtins.deepSeq [ { a = throw "inside"; } ] 4)).success
  (builtins.seq [ (throw "never") ] 5)
  (builtins.tryEval (builtins.seq (throw "now") 6)).success
]
