# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = "/etc/a.conf";
    "./b.conf" = "/etc/b.conf";
  };

  annotations = { };

  env = {
    A = "ab";
    B = "$A";
    C = "a\\b";
    D = "c:\\windows\\";
  };

  labels = { multi = "x y"; };
}
