# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };

  labels = {
    a = "default";
    b = "default";
    c = "";
    d = "value";
    e = "";
    f = "";
    g = "other";
    h = "other";
    i = "value";
    j = "";
    k = "value-inner";
    l = "a b";
    m = "a/b.tar.gz";
    n = "b.tar.gz";
    o = "/a/b.tar";
    p = "/a/b";
    q = "/x/b.tar.gz";
    r = "-a-b.tar.gz";
  };
}
