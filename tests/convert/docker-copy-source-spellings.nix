# Made from Containerfile by `bimanix convert`.
#
# Sources are paths below the context, however they are written.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = "/1";
    "/2" = {
      path = "/2";
      source = "./a.conf";
    };
    "/3" = {
      path = "/3";
      source = "./a.conf";
    };
    "./b.conf" = "/4";
    "./tree/one.txt" = "/5";
  };

  annotations = { };
}
