# Made from Containerfile by `bimanix convert`.
#
# Comments and blanks inside of an instruction that goes on are nothing.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = "/etc/a.conf";
    "./b.conf" = "/etc/b.conf";
  };

  annotations = { };

  env = {
    A = "1";
    B = "2";
    C = "3";
  };

  # an indented comment of its own
  ports = [
    "80"
    "443"
  ];

  labels = {
    a = "12";
    b = "3";
  };
}
