# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "/a/b/d/with blank/" = {
      path = "/a/b/d/with blank";
      folder = true;
    };
    "/owned/" = {
      path = "/owned";
      folder = true;
      uid = 5;
      gid = 6;
    };
    "/owned/too/" = {
      path = "/owned/too";
      folder = true;
      uid = 7;
      gid = 7;
    };
  };

  annotations = { };
  workingDir = "/owned/too";
  user = "7";
}
