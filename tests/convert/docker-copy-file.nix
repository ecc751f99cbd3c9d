# Made from Containerfile by `bimanix convert`.
#
# A file goes to a name, into a folder that ends in a slash, and into a folder that is there already.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = "/etc/renamed.conf";
    "/etc/app/a.conf" = {
      path = "/etc/app/a.conf";
      source = "./a.conf";
    };
    "./b.conf" = "/etc/app/b.conf";
    "/srv/both/a.conf" = {
      path = "/srv/both/a.conf";
      source = "./a.conf";
    };
    "/srv/both/b.conf" = {
      path = "/srv/both/b.conf";
      source = "./b.conf";
    };
    "/a.conf" = {
      path = "/a.conf";
      source = "./a.conf";
    };
  };

  annotations = { };
}
