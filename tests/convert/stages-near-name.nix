# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "/etc/passwd" = {
      path = "/a";
      image = "biuld";
    };
  };

  annotations = { };
}
