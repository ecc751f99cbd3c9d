(x: x) >= (x: x)
