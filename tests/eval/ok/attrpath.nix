{
  deep.er.est = 1;
  deep.er.too = 2;
  deep.other = 3;

  literal.a = 1;
  literal = {
    b = 2;
  };

  first = {
    a = 1;
  };
  first.b = 2;

  both = {
    a = 1;
  };
  both = {
    b.c = 2;
  };

  nested = {
    x.y = 1;
  };
  nested.x.z = 2;

  parenthesised = ({ a = 1; });
  parenthesised.b = 2;

  "quoted".${"dynamic"}.plain = 1;
  quoted.dynamic.more = 2;
}
