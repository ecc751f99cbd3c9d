# Made from Containerfile by `bimanix convert`.
#
# Ports without a protocol are of TCP; ranges, repeated ones, several at once.
{
  name = "image";
  annotations = { };

  ports = [
    "80"
    "443"
    "53/udp"
    "53"
    "8000"
    "8001"
    "8002"
    "9000/udp"
    "9001/udp"
    "6000"
    "7000"
  ];
}
