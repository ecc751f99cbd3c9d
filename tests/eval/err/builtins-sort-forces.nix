# Every element is evaluated, whatever the order asks.
builtins.length (builtins.sort (a: b: false) [ 1 (throw "needed") ])
