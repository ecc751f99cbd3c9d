# Made from Containerfile by `bimanix convert`.
#
# flags: --target last
# A name or a number, with or without a group; the last one counts.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = { "./users" = "/."; };

  annotations = { };
  user = "web:staff";
}
