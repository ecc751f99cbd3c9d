# Boot files behind symlinks: the files they lead to are alone in their layers, the links are not.
{
  name = "localhost:5000/x/links";
  tag = "_";
  files = {
    "./kernel" = "/boot/real";
    boot = "/boot";
    "./small" = "/srv/www/index";
    "./boot" = {
      path = "/srv/";
      uid = 33;
      gid = 33;
    };
  };
  annotations = {
    "com.urunc.unikernel.unikernelType" = "hermit";
    hypervisor = "qemu";
    binary = "/boot/kernel";
    initrd = "/boot/app";
    cmdline = "  several   blanks ";
    version = "0.1";
    useDMBlock = false;
    mountRootfs = "";
    "org.opencontainers.image.title" = "Links";
    "io.example.empty" = "";
  };
  entrypoint = [ ];
  env = [
    "PATH=/bin"
    "EMPTY="
  ];
  user = 65534;
  labels = {
    "org.example.é" = "ü";
  };
}
