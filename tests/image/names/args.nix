# Names as trees have them: blanks, other scripts, more than a ustar header holds.
let
  repeat = count: text: builtins.concatStringsSep "" (builtins.genList (_: text) count);
in
{
  name = "names";
  files = {
    "./kernel" = "/kernel";
    tree = "/tree";
    hundred = {
      source = ./small;
      path = "/" + repeat 100 "h";
    };
    one-more = {
      source = ./small;
      path = "/" + repeat 101 "m";
    };
    prefixed = {
      source = ./small;
      path = "/" + repeat 155 "p" + "/" + repeat 100 "n";
    };
    too-long-for-a-prefix = {
      source = ./small;
      path = "/" + repeat 156 "p" + "/" + repeat 100 "n";
    };
    deep = {
      source = ./small;
      path = repeat 14 "/folder-in-a-folder" + "/file";
    };
    "other scripts" = {
      source = ./small;
      path = "/Ünïcode/日本語/…/" + repeat 50 "é";
    };
    "owner that needs a record" = {
      source = ./small;
      path = "/owned";
      mode = "4755";
      uid = 2097152;
      gid = 2097151;
    };
  };
  annotations = {
    unikernelType = "hermit";
    hypervisor = "qemu";
    binary = "/kernel";
    cmdline = "";
  };
}
