builtins.readFile ./support/not-there.txt
