let
  set = {
    a = 1;
    b = throw "never";
  };
in
[
  (with throw "never"; 1)
  (with 1; 2)
  (with set; a)
  (with rec { x = y; y = 3; }; x)
]
