builtins.deepSeq { a.b = [ 1 (throw "inside") ]; } 1
