# `<name>` is `__findFile __nixPath "name"`.
let
  show = path: name: { inherit path name; };
  place = name: { prefix = name; path = ./support; };
in
{
  given = __nixPath;
  same = builtins.nixPath == __nixPath;
  find-file = let __findFile = show; in <a/b.nix>;
  both = let __findFile = show; __nixPath = "path"; in <a>;
  nix-path = let __nixPath = [ (place "a") ]; in [ <a/one.nix> (builtins.tryEval <lib>) ];
  argument = ({ __nixPath ? [ ], __findFile }: <x-1.0+2>) { __findFile = show; };
  nested = let __nixPath = [ (place "a") ]; in let __nixPath = [ (place "b") ]; in <b>;
  by-with = with { __findFile = show; __nixPath = [ ]; }; builtins.tryEval <nowhere>;
  recursive-set = rec { __findFile = show; __nixPath = [ ]; v = <a>; }.v;
  lazy = let __nixPath = throw "not needed"; __findFile = path: name: name; in <a>;
  failure = builtins.tryEval (let __nixPath = throw "needed"; in <a>);
  plain-set = { __nixPath = [ (place "a") ]; v = builtins.tryEval <a>; }.v;
  scoped-import = scopedImport { __findFile = show; } ./support/search.nix;
}
