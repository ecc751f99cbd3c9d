# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "/etc/nginx/" = {
      path = "/etc/nginx";
      folder = true;
    };
    "/etc/nginx" = {
      path = "/etc/nginx";
      image = "nginx";
    };
  };

  annotations = { };
}
