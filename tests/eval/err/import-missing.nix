{ a = import ./support/not-there.nix; }
