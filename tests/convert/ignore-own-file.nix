# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = { "./folder/a" = "/folder/a"; };

  annotations = { };
}
