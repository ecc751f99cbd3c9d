# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = { "./ab" = "/x/ab"; };

  annotations = { };

  cmd = [
    "a"
    "b"
  ];

  labels = {
    path = "c:\\dir";
    quoted = "a\"b";
    dollar = "$X";
  };
}
