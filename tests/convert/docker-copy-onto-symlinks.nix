# Made from Containerfile by `bimanix convert`.
#
# A destination goes through the symlinks that are there, also through its last name.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    # COPY tree /tree, file by file:
    "/tree/dangling" = {
      path = "/tree/dangling";
      link = "nowhere";
    };
    "./tree/deep" = "/tree/deep";
    "./tree/hollow" = "/tree/hollow";
    "/tree/link" = {
      path = "/tree/link";
      link = "one.txt";
    };
    "./tree/three.sh" = "/tree/three.sh";
    "./b.conf" = "/tree/one.txt";
    # COPY links /, file by file:
    "/absolute" = {
      path = "/absolute";
      link = "/usr";
    };
    "/gone" = {
      path = "/gone";
      link = "not/yet";
    };
    "/lib" = {
      path = "/lib";
      link = "usr/lib";
    };
    "./links/usr/lib" = "/usr/lib";
    "/usr/lib/b.conf" = {
      path = "/usr/lib/b.conf";
      source = "./b.conf";
    };
    "/usr/lib/renamed.conf" = {
      path = "/usr/lib/renamed.conf";
      source = "./b.conf";
    };
    "/usr/lib/again.conf" = {
      path = "/usr/lib/again.conf";
      source = "./b.conf";
    };
    "/tree/nowhere" = {
      path = "/tree/nowhere";
      source = "./b.conf";
      mode = "0755";
    };
    "/not/yet/b.conf" = {
      path = "/not/yet/b.conf";
      source = "./b.conf";
    };
    "/usr/lib" = {
      path = "/usr/lib";
      source = "./tree/deep";
    };
    "/usr/lib/made/" = {
      path = "/usr/lib/made";
      folder = true;
    };
    "./a.conf" = "/usr/lib/beside";
  };

  annotations = { };
  workingDir = "/lib/made";
}
