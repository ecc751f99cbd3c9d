# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  base = "nginx";

  # "path from this folder" = "path in the image"
  files = { "./a" = "/a"; };

  annotations = { };
  env = { PATH = "/srv:/usr/bin:/bin"; };

  labels = {
    a = "x";
    b = "y";
  };
}
