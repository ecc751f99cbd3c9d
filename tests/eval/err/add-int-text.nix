let
  port = 80;
in
"http:" + port
