# Made from Containerfile by `bimanix convert`.
#
# FILE.dockerignore beside the file goes before the one of the context. The last pattern that matches decides.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    # COPY . /all, file by file:
    "./a.conf" = "/all/a.conf";
    "./empty" = "/all/empty";
    "/all/folder-link" = {
      path = "/all/folder-link";
      link = "tree";
    };
    "./heredocs" = "/all/heredocs";
    "/all/link" = {
      path = "/all/link";
      link = "a.conf";
    };
    "./links/usr/lib/libx.so" = "/all/links/usr/lib/libx.so";
    "./notes.txt" = "/all/notes.txt";
    "/all/tree/dangling" = {
      path = "/all/tree/dangling";
      link = "nowhere";
    };
    "./tree/hollow" = "/all/tree/hollow";
    "/all/tree/link" = {
      path = "/all/tree/link";
      link = "one.txt";
    };
    "./tree/one.txt" = "/all/tree/one.txt";
    "./users" = "/all/users";
    # COPY tre* /some/, file by file:
    "/some/dangling" = {
      path = "/some/dangling";
      link = "nowhere";
    };
    "/some/hollow" = {
      path = "/some/hollow";
      source = "./tree/hollow";
    };
    "/some/link" = {
      path = "/some/link";
      link = "one.txt";
    };
    "/some/one.txt" = {
      path = "/some/one.txt";
      source = "./tree/one.txt";
    };
  };

  annotations = { };
}
