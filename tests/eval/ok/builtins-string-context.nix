# Without a store there is context only where a program makes it.
let
  path = "/nix/store/hqi1cciysif5bgxhdmi60xbg9xxqdc3d-x";
  text = builtins.appendContext "text" { ${path}.path = true; };
  drv = builtins.appendContext "drv" {
    "${path}.drv" = { allOutputs = true; outputs = [ "out" "dev" ]; };
  };
in
[
  text
  (builtins.hasContext text)
  (builtins.hasContext "text")
  (builtins.getContext text)
  (builtins.getContext "text")
  (builtins.getContext drv)
  (builtins.hasContext "a${text}b")
  (builtins.hasContext (text + "b"))
  (builtins.hasContext (builtins.substring 1 2 text))
  (builtins.hasContext (builtins.substring 0 0 text))
  (builtins.hasContext (builtins.toJSON { a = text; }))
  (builtins.hasContext (builtins.concatStringsSep "," [ "x" text ]))
  (builtins.hasContext (toString [ text ]))
  (builtins.hasContext (builtins.unsafeDiscardStringContext text))
  (builtins.hasContext (builtins.replaceStrings [ "t" ] [ "u" ] text))
  (builtins.hasContext (baseNameOf "a/${text}"))
  (text == "text")
]
