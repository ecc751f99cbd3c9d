{ a = builtins.head (map (builtins.addErrorContext "while looking at the list") [ (throw "x") ]); }
