# Made from Containerfile by `bimanix convert`.
#
# Patterns of folders. Docker 20.10 cannot list them where they match a file, too.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./tree/one.txt" = "/two-levels/one.txt";
    "./tree/deep" = "/folder-below";
    "./tree/deep/two.txt" = "/three-levels/two.txt";
  };

  annotations = { };
}
