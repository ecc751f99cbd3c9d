let
  sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  to = toHashFormat: builtins.convertHash { inherit toHashFormat; hash = sha256; hashAlgo = "sha256"; };
in
[
  (map to [ "base16" "nix32" "base32" "base64" "sri" ])
  (builtins.convertHash { hash = to "sri"; toHashFormat = "base16"; })
  (builtins.convertHash { hash = to "nix32"; hashAlgo = "sha256"; toHashFormat = "base16"; })
  (builtins.convertHash { hash = "sha256:${sha256}"; toHashFormat = "nix32"; })
  (builtins.convertHash { hash = "md5:d41d8cd98f00b204e9800998ecf8427e"; toHashFormat = "sri"; })
]
