# Made from Containerfile by `bimanix convert`.
#
# The context has files of other modes than 0644 and 0755.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./modes" = "/modes";
    "./modes/private.txt" = "/private.txt";
  };

  annotations = { };
}
