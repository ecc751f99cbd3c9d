# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = "/a";
    "/text" = {
      path = "/text";
      text = "one\r\ntwo\r\n";
    };
  };

  annotations = { };

  labels = {
    x = "y";
    z = "1";
  };
}
