# Made from Containerfile by `bimanix convert`.
#
# The later one wins: a file over a file, and a folder's files over those of another.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./b.conf" = {
      path = "/etc/app.conf";
      mode = "0755";
    };
    # COPY tree /tree, file by file:
    "/tree/dangling" = {
      path = "/tree/dangling";
      link = "nowhere";
    };
    "./tree/hollow" = "/tree/hollow";
    "/tree/link" = {
      path = "/tree/link";
      link = "one.txt";
    };
    "./tree/three.sh" = "/tree/three.sh";
    "./a.conf" = "/tree/one.txt";
    "/tree/deep/new.txt" = {
      path = "/tree/deep/new.txt";
      source = "./a.conf";
    };
    "./tree/deep" = "/tree";
    "./tree/deep/two.txt" = {
      path = "/tree/deep/two.txt";
      uid = 3;
      gid = 3;
    };
  };

  annotations = { };
}
