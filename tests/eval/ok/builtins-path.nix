# The file itself is the result; Nix gives a store path of the same content.
[
  (builtins.readFile (builtins.path { path = ./support/text.txt; }))
  (builtins.readFile (builtins.path { path = ./support/text.txt; name = "other"; }))
  (builtins.pathExists (builtins.path { path = ./support; filter = path: type: true; } + "/text.txt"))
]
