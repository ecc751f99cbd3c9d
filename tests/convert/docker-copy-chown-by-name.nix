# Made from Containerfile by `bimanix convert`.
#
# Names are looked up in the files of the stage.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./users" = "/.";
    "./a.conf" = {
      path = "/1";
      uid = 33;
      gid = 44;
    };
    "/2" = {
      path = "/2";
      source = "./a.conf";
      uid = 33;
      gid = 50;
    };
    "/3" = {
      path = "/3";
      source = "./a.conf";
      uid = 1000;
      gid = 50;
    };
    "/4" = {
      path = "/4";
      source = "./a.conf";
    };
  };

  annotations = { };
}
