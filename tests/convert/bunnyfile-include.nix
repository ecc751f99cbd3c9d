# Made from bunnyfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = "/etc/a";
    "/etc/b" = {
      path = "/etc/b";
      source = "./a";
    };
    "/etc/folder/a" = {
      path = "/etc/folder/a";
      source = "./a";
    };
    "/b:c" = {
      path = "/b:c";
      source = "./a";
    };
    "/a" = {
      path = "/a";
      source = "./a";
    };
    "./folder" = "/folder";
    "/data" = {
      path = "/data";
      source = "./folder";
    };
    "/." = {
      path = "/.";
      source = "./folder";
    };
    "./." = "/everything";
    "/x" = {
      path = "/x";
      source = "./a";
    };
    "/y" = {
      path = "/y";
      source = "./folder";
    };
    "/bin/tool" = {
      path = "/bin/tool";
      image = "registry.example/tools:1";
    };
    "/usr/bin/nginx" = {
      path = "/bin/nginx";
      image = ./tools.tar;
    };
    "/etc/nginx" = {
      path = "/nginx";
      image = ./tools.tar;
    };
    "/lib/" = {
      path = "/.";
      image = ./tools.tar;
    };
    "./kernel" = "/.boot/kernel";
  };

  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/.boot/kernel";
    mountRootfs = true;
    cmdline = "";
  };
}
