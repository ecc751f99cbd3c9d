# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  base = "nginx";

  # "path from this folder" = "path in the image"
  files = {
    "/made/" = {
      path = "/made";
      folder = true;
    };
  };

  annotations = { };
  workingDir = "/etc";
  user = "somebody";
}
