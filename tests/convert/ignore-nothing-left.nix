# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "/folder/" = {
      path = "/folder";
      folder = true;
    };
    "./outer/c" = "/outer/c";
    "/outer/inner/" = {
      path = "/outer/inner";
      folder = true;
    };
  };

  annotations = { };
}
