[ (builtins.length 1) ]
