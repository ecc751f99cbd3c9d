[
  (let { x = 1; body = x + 1; })
  (let { body = { a = y; }; y = 2; }).a
  (let { body = let { body = 3; }; })
]
