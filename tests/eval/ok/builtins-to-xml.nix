builtins.toXML {
  a = [ null true 1 1.5 "x<>&\"'\n\t" /p ];
  derivation = { type = "derivation"; drvPath = "/d.drv"; outPath = "/o"; a = 1; };
  again = { type = "derivation"; drvPath = "/d.drv"; outPath = "/o"; a = 1; };
  empty = { };
  f = x: x;
  g = { a, b ? 1 }: a;
  h = args@{ a, ... }: a;
  "n<>" = 1;
  builtin = map;
}
