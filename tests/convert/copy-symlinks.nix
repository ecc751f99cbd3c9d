# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = "/followed";
    "./folder" = "/folder";
    "/by-link" = {
      path = "/by-link";
      source = "./folder";
    };
    "./folder/c" = "/c";
    "./." = "/up";
    "/wild/link" = {
      path = "/wild/link";
      source = "./a";
    };
  };

  annotations = { };
}
