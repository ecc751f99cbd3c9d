# Made from Containerfile by `bimanix convert`.
#
# Keywords are of any case.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = "/a";
    "/b" = {
      path = "/b";
      source = "./a.conf";
    };
  };

  annotations = { };
  cmd = [ "word" ];
  env = { A = "1"; };
  labels = { b = "2"; };
}
