# Older versions of Nix evaluate replacements that are never used.
builtins.replaceStrings [ "a" "z" ] [ "b" (throw "never") ] "banana"
