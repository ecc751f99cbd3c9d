import ./support/undefined.nix
