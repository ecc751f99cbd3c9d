_:
/**
  Makes a name that the store takes out of any text, `harbor.io/x/hello` for
  instance. Bytes outside of `[0-9a-zA-Z+._?=-]` become `-`, and dots and
  dashes at the start are dropped.

  # Inputs

  `text`
  : any string

  # Type

  ```
  storeName :: String -> String
  ```

  # Examples

  ```nix
  storeName "harbor.io/x/hello"
  => "harbor.io-x-hello"
  ```
*/
text:
let
  # The store allows 211 characters; `-commands` and `.drv` come after these.
  longest = 198;

  words = builtins.split "[^0-9a-zA-Z+._?=-]+" (builtins.unsafeDiscardStringContext text);
  joined = builtins.concatStringsSep "-" (builtins.filter builtins.isString words);
  stem = builtins.head (builtins.match "[.-]*(.*)" joined);
in
if stem == "" then "unnamed" else builtins.substring 0 longest stem
