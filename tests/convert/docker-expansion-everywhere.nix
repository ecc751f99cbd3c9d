# Made from Containerfile by `bimanix convert`.
#
# Which instructions expand variables.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = {
      path = "/srv/a.conf";
      mode = "0600";
    };
    "./b.conf" = {
      path = "/srv/owned";
      uid = 1000;
      gid = 1000;
    };
    "/srv/app/added" = {
      path = "/srv/app/added";
      source = "./a.conf";
    };
  };

  annotations = { };
  entrypoint = [ "$NAME" ];

  cmd = [
    "$WHERE"
    "\${PORT}"
  ];

  env = [
    "PORT=8080"
    "NAME=a"
    "MODE=0600"
    "WHO=1000"
  ];

  workingDir = "/srv/app";
  user = "1000";

  ports = [
    "8080"
    "8080/udp"
  ];

  volumes = [ "/srv/data" ];
  stopSignal = "SIGTERM";

  labels = {
    where = "/srv";
    port = "8080";
    a = "name";
  };
}
