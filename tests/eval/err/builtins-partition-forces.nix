# Every element is evaluated, whatever the function looks at.
(builtins.partition (x: false) [ (throw "needed") ]).right
