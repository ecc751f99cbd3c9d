builtins.readDir ./support/loop.nix
