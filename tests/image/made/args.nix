# Files that are made here: a text, a symlink and an empty folder; ports, volumes and the signal to end.
{
  name = "hello";
  ports = [ 80 "53/udp" ];
  volumes = [ "/data" ];
  stopSignal = 15;
  files = {
    "./kernel" = "/unikernel/kernel";
    "motd" = { path = "/etc/"; text = "hello\n"; mode = "0600"; uid = 1; };
    "init" = { path = "/sbin/init"; link = "../bin/init"; };
    "data" = { path = "/data/"; folder = true; gid = 2; };
    "bin/init" = { path = "/"; text = ""; folder = false; };
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "b";
  };
}
