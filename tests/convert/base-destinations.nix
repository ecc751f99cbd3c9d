# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  base = "nginx";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = "/etc/nginx/a";
    "/etc/passwd" = {
      path = "/etc/passwd";
      source = "./a";
    };
    "/usr/lib/a" = {
      path = "/usr/lib/a";
      source = "./a";
    };
    "/usr/lib/b" = {
      path = "/usr/lib/b";
      source = "./a";
    };
    "/usr/bin/new/a" = {
      path = "/usr/bin/new/a";
      source = "./a";
    };
    "/etc/not/there" = {
      path = "/etc/not/there";
      source = "./a";
    };
    "./folder" = "/etc";
    "/etc/nginx/text" = {
      path = "/etc/nginx/text";
      text = "words\n";
    };
  };

  annotations = { };
}
