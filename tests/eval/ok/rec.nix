rec {
  a = b;
  b = c.d;
  c.d = 1;
  inner = rec {
    a = 2;
    b = a;
  };
  # Not recursive: `a` is the outer one.
  plain = {
    a = 3;
    b = a;
  };
}
