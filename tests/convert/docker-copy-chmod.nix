# Made from Containerfile by `bimanix convert`.
#
# A mode is octal, and the folders of what is copied get it, too.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = {
      path = "/1";
      mode = "0755";
    };
    "/2" = {
      path = "/2";
      source = "./a.conf";
      mode = "0640";
    };
    "/3" = {
      path = "/3";
      source = "./a.conf";
      mode = "4711";
    };
    "/tree/" = {
      path = "/tree";
      folder = true;
      mode = "0700";
    };
    "./tree" = {
      path = "/tree";
      mode = "0700";
    };
    "/tree/deep/" = {
      path = "/tree/deep";
      folder = true;
      mode = "0700";
    };
    "/tree/hollow/" = {
      path = "/tree/hollow";
      folder = true;
      mode = "0700";
    };
    "/made/" = {
      path = "/made";
      folder = true;
      mode = "0600";
    };
    "/made/for/" = {
      path = "/made/for";
      folder = true;
      mode = "0600";
    };
    "/made/for/it" = {
      path = "/made/for/it";
      source = "./a.conf";
      mode = "0600";
    };
  };

  annotations = { };
}
