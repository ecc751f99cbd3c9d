[
  ((x: x + 1) 1)
  ((x: y: x - y) 5 3)
  ((x: x: x) 1 2)
  ((_: 4) (throw "never"))
  ((f: f f) (f: 5))
  ((a_b': a_b') 6)
  (let twice = f: x: f (f x); in twice (x: x * 3) 1)
]
