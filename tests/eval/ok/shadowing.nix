# Only `true`, `false` and `null` look like keywords; they are names like others.
[
  (let true = 1; in true)
  (let null = 2; in null)
  (let map = f: 3; in map)
  (let builtins = { a = 4; }; in builtins.a)
  (let __add = a: b: 5; in 1 + 1)
  ((import: import) 6)
]
