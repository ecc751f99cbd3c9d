builtins.fromTOML ''
  int = 1_000
  hex = 0xff
  octal = 0o17
  float = 6.5e-1
  infinite = -inf
  yes = true
  text = "a\tb\u00e9"
  literal = 'C:\x'
  lines = """
  one
  two"""
  list = [1, "a", [2.5], {x = 1}]
  dotted.key."with space" = 3

  [table]
  a = 1

  [table.inner]
  b = 2

  [[item]]
  n = 1

  [[item]]
  n = 2
''
