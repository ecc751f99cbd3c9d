# Surprising, but Nix has them: an argument and its colon need a space.
[
  http://example.com/a?b=c&d=%20
  a:b
  x:1
  (x: 1)
]
