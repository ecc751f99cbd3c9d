# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = "/b";
    "/c" = {
      path = "/c";
      source = "./a";
    };
    "/srv/d" = {
      path = "/srv/d";
      source = "./a";
    };
    "/srv/sub/a" = {
      path = "/srv/sub/a";
      source = "./a";
    };
    "/up" = {
      path = "/up";
      source = "./a";
    };
    "/top" = {
      path = "/top";
      source = "./a";
    };
    "/srv/a" = {
      path = "/srv/a";
      source = "./a";
    };
    "./folder" = "/srv";
  };

  annotations = { };
  workingDir = "/srv";
}
