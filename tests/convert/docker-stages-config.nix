# Made from Containerfile by `bimanix convert`.
#
# A stage takes over the configuration of the one that it is built on.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "/first/second/" = {
      path = "/first/second";
      folder = true;
      uid = 5;
      gid = 5;
    };
    "./a.conf" = "/first/second/a.conf";
  };

  annotations = { };
  cmd = [ "word" ];

  env = {
    A = "1";
    B = "3";
    C = "1";
  };

  workingDir = "/first/second";
  user = "5";

  ports = [
    "1"
    "2"
  ];

  volumes = [ "/v" ];
  stopSignal = "SIGINT";

  labels = {
    a = "1";
    b = "3";
  };
}
