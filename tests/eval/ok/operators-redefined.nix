# `-`, `*`, `/` and the comparisons call what is named `__sub`, `__mul`, `__div` and `__lessThan` here.
let
  pair = a: b: [ a b ];
  inherit (builtins) tryEval;
in
{
  let-in = let __sub = pair; __mul = a: b: "${a}×${b}"; __div = a: b: { over = a; under = b; }; in [
    (5 - 3)
    ("a" * "b")
    (null / true)
    (1 - 2 - 3)
    (-7)
    (- (-7))
    (-"text")
  ];
  recursive-set = rec {
    __sub = pair;
    difference = 1 - 2;
    negative = -1;
    deeper.inside = 3 - 4;
  };
  # The attribute of a set that is not recursive is no variable.
  plain-set = { __sub = pair; difference = 1 - 2; };
  argument = (__sub: 1 - 2) pair;
  formal = ({ __mul, __div ? pair }: [ (2 * 3) (2 / 3) ]) { __mul = pair; };
  whole-argument = (__lessThan@{ __functor }: 1 < 2) { __functor = self: pair; };
  whole-argument-behind = ({ __functor }@__sub: 1 - 2) { __functor = self: pair; };
  inherited = let inherit ({ __sub = pair; }) __sub; in 1 - 2;
  inherited-outside = (__sub: { inherit __sub; v = 1 - 2; }.v) pair;
  legacy-let = let { __sub = pair; body = 1 - 2; };
  # The nearest one counts, and only where it is in scope.
  nested = let __sub = pair; in [
    (1 - 2)
    (let __sub = a: b: b; in 1 - 2)
    ((x: y: x - y) 1 2)
    (let inherit (builtins) sub; __sub = b: a: sub a b; in 1 - 2)
  ];
  outside = [ (let __sub = pair; in null) (1 - 2) ];
  # `with` does not hide what every program has.
  by-with = with { __sub = pair; __lessThan = pair; }; [ (1 - 2) (1 < 2) ];
  # The four comparisons are one, with the operands and the result turned round.
  comparisons = let __lessThan = a: b: a == "x"; in [
    ("x" < "y")
    ("y" < "x")
    ("x" <= "y")
    ("y" <= "x")
    ("x" > "y")
    ("y" > "x")
    ("x" >= "y")
    ("y" >= "x")
  ];
  comparison-of-any-type = let __lessThan = pair; in [ (1 < 2) (1 > 2) ];
  # Others cannot be redefined.
  fixed =
    let
      __add = pair;
      __concat = pair;
      __update = pair;
      __eq = pair;
      __not = pair;
      __sub = throw "not needed";
    in
    [ (1 + 2) ([ 1 ] ++ [ 2 ]) ({ a = 1; } // { b = 2; }) (1 == 1) (1 != 1) (!true) (1 < 2) ];
  # A function given by that name takes its arguments lazily.
  lazy = let __sub = a: b: b; __div = a: b: a; in [ ((throw "left") - 2) (1 / (throw "right")) ];
  # The builtins do not look at it.
  builtins-stay = let __lessThan = a: b: throw "no"; __sub = pair; in [
    (builtins.sort builtins.lessThan [ 3 1 2 ])
    (builtins.lessThan 1 2)
    (builtins.sub 3 1)
    (builtins.foldl' (a: b: a + b) 0 [ 1 2 ])
  ];
  # What is given is the builtin itself, or a set that can be called.
  itself = let __sub = builtins.sub; __mul = builtins.add; in [ (3 - 1) (3 * 3) ];
  failure = tryEval (let __sub = a: b: throw "caught"; in 1 - 1);
  in-interpolation = let __sub = a: b: "text"; in "${1 - 1} and ${-1}";
  in-default = let __sub = pair; in ({ x ? 1 - 2 }: x) { };
  in-condition = let __lessThan = a: b: true; in if 2 < 1 then "own" else "builtin";
  by-overrides = rec { __overrides = { __sub = pair; }; __sub = builtins.sub; v = 1 - 2; }.v;
  scoped-import = scopedImport { __sub = pair; __lessThan = a: b: "less"; } ./support/operators.nix;
  imported = let __sub = pair; in import ./support/operators.nix;
}
