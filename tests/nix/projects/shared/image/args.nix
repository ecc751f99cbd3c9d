{
  name = "shared";
  files."kernel" = "/unikernel/kernel";
  annotations = import ../lib/annotations.nix;
}
