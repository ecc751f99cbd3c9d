import "support/loop.nix"
