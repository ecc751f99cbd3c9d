# Made from Containerfile by `bimanix convert`.
#
# A symlink that is named is followed; those in a folder that is copied stay as they are, even if they lead nowhere.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = "/followed";
    "/into/link" = {
      path = "/into/link";
      source = "./a.conf";
    };
    "./tree" = "/folder";
    "./tree/deep" = "/deep";
    "./tree/one.txt" = "/link";
    "/matched/one.txt" = {
      path = "/matched/one.txt";
      source = "./tree/one.txt";
    };
    "/up" = {
      path = "/up";
      source = "./tree/one.txt";
    };
  };

  annotations = { };
}
