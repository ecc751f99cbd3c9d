# Made from Containerfile by `bimanix convert`.
#
# Here-documents: several of them, with and without variables, with tabs taken away, beside a file.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "/greeting" = {
      path = "/greeting";
      text = "hello world, $NAME and \"quotes\" stay\n";
    };
    "/plain" = {
      path = "/plain";
      text = "hello $NAME\n";
    };
    "./a.conf" = "/files/a.conf";
    "/files/one" = {
      path = "/files/one";
      text = ''
        first
        second
      '';
    };
    "/files/two" = {
      path = "/files/two";
      text = "of two\n";
    };
    "/script" = {
      path = "/script";
      text = "#!/bin/sh\n";
      mode = "0755";
      uid = 3;
      gid = 4;
    };
    "/added" = {
      path = "/added";
      text = "added\n";
    };
    "/empty" = {
      path = "/empty";
      text = "";
    };
  };

  annotations = { };
  env = { NAME = "world"; };
}
