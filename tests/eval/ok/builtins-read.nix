[
  (builtins.readFile ./support/text.txt)
  (builtins.readFile (toString ./support/text.txt))
  (builtins.readDir ./support/folder)
  (builtins.readFileType ./support)
  (builtins.readFileType ./support/text.txt)
]
