# Made from Containerfile by `bimanix convert`.
#
# An empty folder stays one.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./empty" = "/empty";
    "./tree/hollow" = "/made/hollow";
    "/owned" = {
      path = "/owned";
      source = "./empty";
      uid = 4;
      gid = 4;
    };
  };

  annotations = { };
}
