# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = {
      path = "/1";
      mode = "0755";
      uid = 1000;
      gid = 2000;
    };
    "/2" = {
      path = "/2";
      source = "./a";
      mode = "4755";
    };
    "/3" = {
      path = "/3";
      source = "./a";
      uid = 1000;
      gid = 1000;
    };
    "/4" = {
      path = "/4";
      source = "./a";
      uid = 1000;
      gid = 1000;
    };
    "/5" = {
      path = "/5";
      source = "./a";
    };
    "/6" = {
      path = "/6";
      source = "./a";
      uid = 7;
      gid = 7;
    };
    "/7" = {
      path = "/7";
      source = "./a";
    };
  };

  annotations = { };
}
