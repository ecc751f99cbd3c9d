# Made from Containerfile by `bimanix convert`.
#
# leading blanks
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = { "./a" = "/a"; };

  annotations = { };
  user = "1000";
}
