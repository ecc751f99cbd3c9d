builtins.match "[[:letter:]]" "a"
