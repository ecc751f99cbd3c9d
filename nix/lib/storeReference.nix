_:
/*
  A string that spells a path in the store, with the dependency on it. Text
  alone carries none, and the sandbox shows a build only what it depends on.
  This works in pure evaluation, where `builtins.storePath` does not.
*/
text:
let
  inside = builtins.substring (
    builtins.stringLength builtins.storeDir + 1
  ) (builtins.stringLength text) text;
  object = builtins.head (builtins.filter builtins.isString (builtins.split "/" inside));
in
builtins.appendContext text {
  "${builtins.storeDir}/${object}" = {
    path = true;
  };
}
