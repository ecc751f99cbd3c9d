# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./passwd" = "/etc/passwd";
    "./group" = "/etc/group";
    "./a" = {
      path = "/1";
      uid = 33;
      gid = 44;
    };
    "/2" = {
      path = "/2";
      source = "./a";
      uid = 33;
      gid = 50;
    };
    "/3" = {
      path = "/3";
      source = "./a";
      uid = 5;
      gid = 50;
    };
    "/srv/" = {
      path = "/srv";
      folder = true;
      uid = 33;
      gid = 44;
    };
  };

  annotations = { };
  workingDir = "/srv";
  user = "web";
}
