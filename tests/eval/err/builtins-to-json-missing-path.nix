builtins.toJSON { a = [ ./missing ]; }
