with a, b; c
