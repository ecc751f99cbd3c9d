# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };

  ports = [
    "80"
    "443"
    "53/udp"
    "8000"
    "8001"
    "8002"
    "81"
    "1"
    "2/udp"
  ];

  volumes = [
    "/a"
    "/b c"
    "/d"
    "/e"
  ];

  stopSignal = "9";
}
