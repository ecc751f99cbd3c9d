# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./own" = "/.";
    "/etc/passwd" = {
      path = "/etc/passwd";
      image = "nginx";
    };
    "./own/sub/file" = "/1";
    "./other/file" = "/2/file";
    "/etc/group" = {
      path = "/etc/group";
      image = /context/Containerfile;
    };
  };

  annotations = { };
}
