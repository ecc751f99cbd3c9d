builtins.readFile "support/loop.nix"
