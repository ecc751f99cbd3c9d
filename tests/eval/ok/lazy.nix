[ 1 (1 + 1) { a = throw "never"; b = "x"; } ]
