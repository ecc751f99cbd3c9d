# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = "/x/a";
    "./b" = "/x/b";
    "./folder" = "/x";
    "/y" = {
      path = "/y";
      source = "./folder";
    };
    "/z" = {
      path = "/z";
      source = "./folder";
    };
    "./." = "/.";
  };

  annotations = { };
}
