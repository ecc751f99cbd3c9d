# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = "/1";
    "/2" = {
      path = "/2";
      source = "./a";
    };
    "/3" = {
      path = "/3";
      source = "./a";
    };
    "./folder/c" = "/4";
    "./folder" = "/5";
  };

  annotations = { };
}
