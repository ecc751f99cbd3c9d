fetchTarball "https://example.com/nixpkgs.tar.gz"
