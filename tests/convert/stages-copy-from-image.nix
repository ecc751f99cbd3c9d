# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "/usr/bin/nginx" = {
      path = "/kernel";
      image = {
        image = "unikraft.org/nginx:1.15";
        platform = "qemu/amd64";
      };
    };
    "./a" = "/a";
    "/etc/nginx/nginx.conf" = {
      path = "/conf/nginx.conf";
      image = "docker.io/library/nginx:1.27";
    };
    "/etc/nginx/mime.types" = {
      path = "/conf/mime.types";
      image = "docker.io/library/nginx:1.27";
    };
    "/share/" = {
      path = "/share";
      folder = true;
    };
    "/usr/lib" = {
      path = "/share";
      image = ./base.tar;
    };
    "/bin/nginx" = {
      path = "/bin/nginx";
      source = "/usr/bin/nginx";
      image = ./base.tar;
    };
    "/etc/passwd" = {
      path = "/x";
      image = {
        image = "unikraft.org/nginx:1.15";
        platform = "qemu/amd64";
      };
      mode = "0600";
      uid = 3;
      gid = 3;
    };
  };

  annotations = { };
}
