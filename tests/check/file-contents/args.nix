{
  name = "hello";
  files = {
    "./kernel" = "/unikernel/kernel";
    "a" = { path = "/a"; text = "a"; source = ./kernel; };
    "b" = { path = "/b"; link = "/a"; folder = true; };
    "c" = { path = "/c"; link = ""; };
    "d" = { path = "/d"; link = "/a"; mode = "0777"; };
    "e" = { path = "/e"; folder = true; mode = "0700"; };
    "f" = { text = "f"; };
    "g" = { path = "/etc/"; text = "g"; contents = 1; };
    "h" = { path = "/"; text = "h"; };
    "i" = { path = "/h"; text = "again"; };
    "j" = { path = "/j"; text = "j"; image = ./j.tar; source = "/j"; };
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "b";
  };
}
