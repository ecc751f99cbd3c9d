{ unused = x: y: x + z; }
