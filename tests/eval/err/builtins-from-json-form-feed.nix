builtins.fromJSON "[ 1]"
