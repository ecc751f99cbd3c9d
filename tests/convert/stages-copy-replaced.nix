# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./b" = "/x";
    "/file" = {
      path = "/file";
      source = "./b";
    };
    "/t/file" = {
      path = "/t/file";
      source = "./b";
    };
  };

  annotations = { };
}
