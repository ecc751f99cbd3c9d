# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  base = ./images/base.tar;

  # "path from this folder" = "path in the image"
  files = { "./a" = "/a"; };

  annotations = { };
}
