# Made from Containerfile by `bimanix convert`.
#
# Relative ones are below the last, `..` goes up, and the folders are made.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "/a/b/d/" = {
      path = "/a/b/d";
      folder = true;
    };
    "/from/env/x/y z/" = {
      path = "/from/env/x/y z";
      folder = true;
    };
  };

  annotations = { };
  env = { DIR = "/from/env"; };
  workingDir = "/from/env/x";
}
