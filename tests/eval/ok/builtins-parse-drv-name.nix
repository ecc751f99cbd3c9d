map builtins.parseDrvName [
  "nix-0.12pre12876"
  "a-b-c-1234pre5+git"
  "a-b"
  "a-1-2"
  "a--1"
  "a-"
  "-1"
  ""
  "1.0"
]
