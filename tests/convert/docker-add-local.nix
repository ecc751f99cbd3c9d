# Made from Containerfile by `bimanix convert`.
#
# ADD does what COPY does, as long as no archive and no URL is added.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = "/etc/a.conf";
    "./b.conf" = "/etc/b.conf";
    "./tree" = "/tree";
    "./notes.txt" = {
      path = "/notes";
      uid = 5;
      gid = 6;
    };
    "./a name.txt" = "/spaced/a name.txt";
  };

  annotations = { };
}
