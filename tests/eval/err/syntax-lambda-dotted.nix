a.b: 1
