# Made from Containerfile by `bimanix convert`.
#
# A mark at the beginning, lines that end in CR LF, no end of the last.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = { "./a.conf" = "/etc/a.conf"; };

  annotations = { };

  env = {
    A = "1";
    B = "2";
  };

  labels = { a = "b"; };
}
