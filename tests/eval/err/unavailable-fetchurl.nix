builtins.fetchurl "https://example.com/kernel"
