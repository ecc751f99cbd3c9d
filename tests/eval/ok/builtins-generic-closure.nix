let
  closure = startSet: operator: builtins.genericClosure { inherit startSet operator; };
in
[
  (closure [ { key = 1; } ] (x: if x.key < 5 then [ { key = x.key + 1; } { key = x.key + 2; } ] else [ ]))
  (closure [ { key = "a"; v = 1; } { key = "a"; v = 2; } ] (x: [ ]))
  (closure [ { key = [ 1 "a" ]; } { key = [ 1 "b" ]; } { key = [ 1 "a" ]; } ] (x: [ ]))
  (closure [ { key = 1; } { key = 1.0; } ] (x: [ ]))
  (closure [ { key = /a; } ] (x: if x.key == /a then [ { key = /b; } ] else [ ]))
  # A single key is compared with nothing.
  (closure [ { key = null; } ] (x: [ ]))
  (closure [ ] (x: [ ]))
]
