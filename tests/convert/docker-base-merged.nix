# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # Folders over those of the base: what is below gets the owner and the mode of what is copied.
  base = "case/base";

  # "path from this folder" = "path in the image"
  files = {
    # COPY tree /srv/app, file by file:
    "/srv/app/dangling" = {
      path = "/srv/app/dangling";
      link = "nowhere";
    };
    "./tree/hollow" = "/srv/app/hollow";
    "/srv/app/link" = {
      path = "/srv/app/link";
      link = "one.txt";
    };
    "./tree/one.txt" = "/srv/app/one.txt";
    "./tree/three.sh" = "/srv/app/three.sh";
    "./users" = {
      path = "/.";
      uid = 7;
      gid = 7;
    };
    "./tree/deep/two.txt" = {
      path = "/srv/app/deep/two.txt";
      mode = "0711";
    };
    "./links/usr" = {
      path = "/usr";
      uid = 8;
      gid = 8;
    };
  };

  annotations = { };
}
