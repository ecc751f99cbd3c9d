# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  base = "example.org/web";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = {
      path = "/1";
      uid = 33;
      gid = 44;
    };
    "/2" = {
      path = "/2";
      source = "./a";
      uid = 33;
      gid = 50;
    };
    "/srv/app/made/" = {
      path = "/srv/app/made";
      folder = true;
      uid = 33;
      gid = 44;
    };
    "/srv/app/made/by/" = {
      path = "/srv/app/made/by";
      folder = true;
      uid = 33;
      gid = 44;
    };
    "/srv/app/made/by/web/" = {
      path = "/srv/app/made/by/web";
      folder = true;
      uid = 33;
      gid = 44;
    };
    "/usr/made/" = {
      path = "/usr/made";
      folder = true;
      uid = 7;
      gid = 8;
    };
    "/made/" = {
      path = "/made";
      folder = true;
      uid = 33;
      gid = 44;
    };
    "/made/for/" = {
      path = "/made/for";
      folder = true;
      uid = 33;
      gid = 44;
    };
    "/made/for/it" = {
      path = "/made/for/it";
      source = "./a";
      uid = 33;
      gid = 44;
    };
    "/etc/there" = {
      path = "/etc/there";
      source = "./a";
      uid = 33;
      gid = 44;
    };
  };

  annotations = { };
  workingDir = "/usr/made";
  user = "7:8";
}
