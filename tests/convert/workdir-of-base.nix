# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  base = "nginx";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = "/srv/app/a";
    "/srv/app/sub/b" = {
      path = "/srv/app/sub/b";
      source = "./a";
    };
    "/srv/app/data/c" = {
      path = "/srv/app/data/c";
      source = "./a";
    };
    "/srv/app/other/of-web/" = {
      path = "/srv/app/other/of-web";
      folder = true;
      uid = 33;
      gid = 44;
    };
    "/absolute" = {
      path = "/absolute";
      source = "./a";
    };
  };

  annotations = { };
  workingDir = "/srv/app/other/of-web";
  user = "web";
}
