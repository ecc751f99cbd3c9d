[
  (rec { x = 1; y = x; __overrides = { x = 2; }; })
  (rec { y = 1; __overrides.z = 3; })
  # Without `rec` it is an attribute like any other.
  { x = 1; __overrides.x = 2; }
  (let __overrides.x = 2; x = 1; in x)
]
