{
  name = "harbor.io/x/hello";
  tag = "1.0";
  files = {
    "./kernel" = "/unikernel/";
    initrd = "/unikernel/initrd";
    "conf dir" = "/conf";
    "naïve file" = {
      path = "/data/é";
      mode = "0600";
      uid = 1000;
      gid = 3000000;
    };
    again = {
      source = ./initrd;
      path = "/a-rather-long-name-of-a-folder/and-another-one-in-it-that-takes-many-characters/${
        builtins.concatStringsSep "" (builtins.genList (x: "n") 120)
      }";
    };
    empty = "/empty";
  };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "/init 'two words'";
    initrd = "/unikernel/initrd";
    "org.opencontainers.image.authors" = "somebody";
  };
  entrypoint = [ "/urunit" ];
  env = {
    A = "1";
    B = "x y";
  };
  workingDir = "/data";
  user = "1000:1000";
  labels."org.example" = "x";
  created = "2026-01-31T12:00:00Z";
}
