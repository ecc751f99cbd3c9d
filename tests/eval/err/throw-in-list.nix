[ 1 { a = [ 2 (throw "deep inside") ]; } ]
