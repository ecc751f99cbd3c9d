{ a = builtins.abort "the message"; }
