# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = "/a";
    "/srv/b" = {
      path = "/srv/b";
      source = "./a";
    };
    "/srv/c" = {
      path = "/srv/c";
      source = "./a";
    };
  };

  annotations = { binary = "/srv/c"; };

  cmd = [
    "from"
    "base"
  ];

  env = {
    A = "1";
    B = "3";
  };

  workingDir = "/srv";
  user = "7";

  ports = [
    "80"
    "81"
  ];

  volumes = [ "/v" ];
  stopSignal = "9";
  labels = { l = "1"; };
}
