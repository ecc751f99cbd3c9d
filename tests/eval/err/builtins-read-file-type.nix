builtins.readFileType ./support/not-there
