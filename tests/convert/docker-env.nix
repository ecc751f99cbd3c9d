# Made from Containerfile by `bimanix convert`.
#
# Several pairs, quotes, escaped blanks, and the old form that takes the rest of the line.
{
  name = "image";
  annotations = { };

  env = {
    A = "later";
    B = "two words";
    C = "$A is not expanded";
    D = "three words";
    E = "";
    F = "the rest of the line";
    G = "1two words";
    H = "1 and two words";
    I = "pre1post";
    J = "$A";
    K = "$A";
    L = "1";
    M = "quoted";
    N = "a \"quote\"";
    O = "single \"double\"";
    P = "ab cde fg";
  };
}
