# Made from Containerfile by `bimanix convert`.
#
# The folders that are made belong to USER; one that is there keeps its owner.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "/srv/" = {
      path = "/srv";
      folder = true;
      uid = 4;
      gid = 4;
    };
    "./tree/deep" = {
      path = "/srv/there";
      uid = 4;
      gid = 4;
    };
    "/srv/made/" = {
      path = "/srv/made";
      folder = true;
      uid = 1000;
      gid = 1000;
    };
    "/srv/made/on/" = {
      path = "/srv/made/on";
      folder = true;
      uid = 1000;
      gid = 1000;
    };
    "/srv/made/on/the/" = {
      path = "/srv/made/on/the";
      folder = true;
      uid = 1000;
      gid = 1000;
    };
    "/srv/made/on/the/way/" = {
      path = "/srv/made/on/the/way";
      folder = true;
      uid = 1000;
      gid = 1000;
    };
    "/srv/there/below/" = {
      path = "/srv/there/below";
      folder = true;
      uid = 5;
      gid = 5;
    };
  };

  annotations = { };
  workingDir = "/srv/there/below";
  user = "5";
}
