# Made from Containerfile by `bimanix convert`.
#
# Of a folder its contents are copied, however it is written, and not the folder itself.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./tree" = "/one";
    "/two" = {
      path = "/two";
      source = "./tree";
    };
    "/three" = {
      path = "/three";
      source = "./tree";
    };
    "/four" = {
      path = "/four";
      source = "./tree";
    };
    "./notes.txt" = "/four/notes.txt";
    "/." = {
      path = "/.";
      source = "./tree";
    };
  };

  annotations = { };
}
