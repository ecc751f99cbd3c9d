null // { a = 1; }
