# No function of the language is called a hundred times, but builtins go through many lists.
builtins.length (builtins.concatLists (builtins.genList (x: builtins.genList (y: y) 1000) 50))
