# Operators are written with these in old programs.
[
  (__add 1 2)
  (__lessThan 1 2)
  (__length [ 1 ])
  (__head [ 1 ])
  (__toJSON 1)
  __langVersion
]
