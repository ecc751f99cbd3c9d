# Made from Containerfile by `bimanix convert`.
#
# Owners are numbers here, since scratch has no list of users. A single number is the group's, too. The folders
# that are made on the way belong to the same.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = {
      path = "/1";
      uid = 1000;
      gid = 2000;
    };
    "/2" = {
      path = "/2";
      source = "./a.conf";
      uid = 1000;
      gid = 1000;
    };
    "./tree" = {
      path = "/tree";
      uid = 0;
      gid = 5;
    };
    "/made/" = {
      path = "/made";
      folder = true;
      uid = 7;
      gid = 8;
    };
    "/made/for/" = {
      path = "/made/for";
      folder = true;
      uid = 7;
      gid = 8;
    };
    "/made/for/it" = {
      path = "/made/for/it";
      source = "./a.conf";
      uid = 7;
      gid = 8;
    };
    "./b.conf" = {
      path = "/made/b.conf";
      uid = 9;
      gid = 9;
    };
    "/both" = {
      path = "/both";
      source = "./b.conf";
      mode = "0600";
      uid = 10;
      gid = 10;
    };
  };

  annotations = { };
}
