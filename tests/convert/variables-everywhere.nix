# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./kernel" = "/unikernel/kernel.bin";
    "/unikernel/owned" = {
      path = "/unikernel/owned";
      source = "./kernel";
      mode = "0640";
      uid = 1000;
      gid = 1000;
    };
    "/srv/data/" = {
      path = "/srv/data";
      folder = true;
    };
  };

  annotations = { };
  cmd = [ "$NAME" ];
  env = { HOME = "/srv"; };
  workingDir = "/srv/data";
  user = "1000:1000";

  ports = [
    "80"
    "8080/udp"
  ];

  volumes = [ "/srv/volume" ];
  stopSignal = "SIGTERM";

  labels = {
    of-kernel = "in /unikernel";
    raw = "in $DIR";
    escaped = "$DIR";
  };
}
