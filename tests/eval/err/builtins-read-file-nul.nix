builtins.readFile ./support/nul.bin
