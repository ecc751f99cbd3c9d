{
  name = "harbor.io/x/plain";
  tag = "";
  files = {
    "./kernel" = "/unikernel/kernel";
    "café au lait.bin" = {
      path = "/data/";
      mode = "0600";
    };
    "by source" = {
      path = "/data/source";
      source = ./kernel;
    };
  };
  annotations = import ./annotations.nix;
}
