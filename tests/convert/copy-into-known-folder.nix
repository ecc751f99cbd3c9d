# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./folder/sub" = "/data/sub";
    "./a" = "/srv/a";
    "/data/a" = {
      path = "/data/a";
      source = "./a";
    };
    "/data/sub/a" = {
      path = "/data/sub/a";
      source = "./a";
    };
    "/data/f" = {
      path = "/data/f";
      source = "./a";
    };
    "/new" = {
      path = "/new";
      source = "./a";
    };
  };

  annotations = { };
  workingDir = "/srv";
}
