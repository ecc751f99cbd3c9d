builtins.filterSource (path: type: "yes") ./support
