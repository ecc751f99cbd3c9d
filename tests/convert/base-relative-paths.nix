# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  base = "nginx";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = "/srv/b";
    "/srv/sub/" = {
      path = "/srv/sub";
      folder = true;
    };
    "/c" = {
      path = "/c";
      source = "./a";
    };
    "/usr/lib/below/a" = {
      path = "/usr/lib/below/a";
      source = "./a";
    };
    "/usr/lib/bin/" = {
      path = "/usr/lib/bin";
      folder = true;
    };
  };

  annotations = { };
  workingDir = "/lib/bin";
}
