# Made from Containerfile by `bimanix convert`.
#
# Relative destinations are below WORKDIR, and `..` stops at the root.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = "/relative.conf";
    "/srv/app/a.conf" = {
      path = "/srv/app/a.conf";
      source = "./a.conf";
    };
    "./b.conf" = "/srv/app/b.conf";
    "/srv/sibling/a.conf" = {
      path = "/srv/sibling/a.conf";
      source = "./a.conf";
    };
    "/root.conf" = {
      path = "/root.conf";
      source = "./a.conf";
    };
    "/y/z/absolute.conf" = {
      path = "/y/z/absolute.conf";
      source = "./a.conf";
    };
    "./tree" = "/srv/app/sub/tree";
  };

  annotations = { };
  workingDir = "/srv/app";
}
