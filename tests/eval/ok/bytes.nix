# Bytes that are not UTF-8: ÿ Ã â‚
/* in a comment of this kind too: þ */
let
  /** ðŸ and here */
  show = text: { length = builtins.stringLength text; hash = builtins.hashString "md5" text; };
  set = { "ÿ" = 1; ${"þ"} = 2; "aâ‚" = { "Ã" = 3; }; };
in
{
  plain = show "ÿÃ";
  escaped = show "\ÿ\n\â‚¬";
  indented = show ''
    ÿ
      ''\þ ''$ý
    â‚¬â
  '';
  interpolated = show "ÿ${"þ"}ý${toString 1}ü";
  cut = builtins.substring 0 1 "â‚¬" == "â";
  names = map builtins.stringLength (builtins.attrNames set);
  selected = [ set."ÿ" set.${"þ"} set."aâ‚"."Ã" (set."ý" or 4) (set ? "ÿ") ];
  inherited = builtins.attrValues { inherit (set) "ÿ" "þ"; };
  quoted = { "ÿ" = "þ"; };
  path = show (toString (/. + "/ÿ/../þâ/./a"));
  path-interpolated = show (toString /a/${"ÿ"}/${"b"}/../c);
  base = [ (show (baseNameOf "/a/ÿ/")) (show (dirOf "/þ/a")) (show (baseNameOf (/. + "/ÿ"))) ];
  place = builtins.unsafeGetAttrPos "ÿ" set;
  imported = show (import ./support/not-utf8.nix);
  read = show (builtins.readFile ./support/not-utf8.nix);
  replaced = show (builtins.replaceStrings [ "ÿ" ] [ "þ" ] "aÿb");
  compared = [ ("ÿ" > "Ã") ("â‚" < "â‚¬") ("ÿ" == "ÿ") ("ÿ" == "þ") ];
  matched = builtins.match "(.)ÿ" "aÿ" == [ "a" ];
  xml = show (builtins.toXML "ÿ");
  uri = builtins.stringLength a:b'c;
}
