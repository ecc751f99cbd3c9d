# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # Variables, the working directory, users and symlinks of the base; what it says is kept where nothing replaces it.
  base = "case/base";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = "/srv/app/a.conf";
    "/srv/sibling" = {
      path = "/srv/sibling";
      source = "./a.conf";
    };
    "./b.conf" = "/usr/lib/b.conf";
    "/absolute/lib/renamed.so" = {
      path = "/absolute/lib/renamed.so";
      source = "./b.conf";
    };
    "/owned/" = {
      path = "/owned";
      folder = true;
      uid = 33;
      gid = 50;
    };
    "/owned/by/" = {
      path = "/owned/by";
      folder = true;
      uid = 33;
      gid = 50;
    };
    "/owned/by/name" = {
      path = "/owned/by/name";
      source = "./a.conf";
      uid = 33;
      gid = 50;
    };
    "/srv/app/deep/" = {
      path = "/srv/app/deep";
      folder = true;
      uid = 33;
      gid = 44;
    };
    "/srv/app/deep/a.conf" = {
      path = "/srv/app/deep/a.conf";
      source = "./a.conf";
      uid = 33;
      gid = 44;
    };
    "/srv/app/made/a.conf" = {
      path = "/srv/app/made/a.conf";
      source = "./a.conf";
    };
  };

  annotations = { };

  env = {
    PATH = "/own/bin:/usr/bin:/bin";
    SEEN = "";
  };

  workingDir = "/srv/app/made";
  ports = [ "443" ];
  volumes = [ "/more" ];

  labels = {
    both = "own";
    own = "";
  };
}
