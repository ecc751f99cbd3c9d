# When a computed name is evaluated: after what it is looked up in, and whatever that is.
let
  inherit (builtins) tryEval;
  fails = expr: (tryEval expr).success == false;
  set = { a = 1; b.c = 2; t = throw "not needed"; };
in
{
  has = [
    (set ? ${"a"})
    (set ? a.${"b"})
    (set ? b.${"c"})
    (set ? b.${"d"}.e)
    (1 ? ${"a"})
    (null ? a."b".${"c"})
  ];
  # The name is evaluated though there is nothing to look it up in.
  has-evaluates = [
    (fails (set ? a.${throw "name"}))
    (fails (1 ? ${throw "name"}))
  ];
  # But not those behind a name that is missing.
  has-stops = [
    (set ? x.${throw "name"})
    (1 ? a.${throw "name"})
    (set ? a.b.${throw "name"})
  ];
  or-default = [
    (set.${"a"} or 2)
    (set.${"x"} or 2)
    (set.a.${"x"} or 2)
    (set.x.${throw "name"} or 2)
    (1.5.${"x"} or 2)
  ];
  or-evaluates = [
    (fails (set.a.${throw "name"} or 2))
    (fails (null.${throw "name"} or 2))
  ];
  # A name comes before the value that it is looked up in, and after the subject.
  name-first = [
    (tryEval (set.t.${throw "name"} or 2)).success
    (tryEval ({ t = abort "value"; }.t.${throw "name"})).success
    (tryEval ((throw "subject").${abort "name"})).success
    (tryEval ((throw "subject") ? ${abort "name"})).success
    (tryEval ({ t = throw "value"; } ? t.${abort "name"})).success
  ];
  set-of-names = [
    (fails { ${throw "name"} = 1; })
    (fails { ${throw "name"} = throw "value"; a = 1; })
    (tryEval { a.${throw "name"} = 1; }).success
    { ${null} = throw "not needed"; a = 1; }
  ];
}
