let
  port = 8080;
in
"port ${port}"
