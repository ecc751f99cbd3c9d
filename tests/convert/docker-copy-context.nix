# Made from Containerfile by `bimanix convert`.
#
# A dot is the whole build context.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    # COPY . /all, file by file:
    "./[odd].txt" = "/all/[odd].txt";
    "./a name.txt" = "/all/a name.txt";
    "./a.conf" = "/all/a.conf";
    "./b.conf" = "/all/b.conf";
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
    "./links" = "/all/links";
    "./notes.txt" = "/all/notes.txt";
    "./o.txt" = "/all/o.txt";
    "./tree" = "/all/tree";
    "./users" = "/all/users";
    # COPY ./ /all/again/, file by file:
    "/all/again/[odd].txt" = {
      path = "/all/again/[odd].txt";
      source = "./[odd].txt";
    };
    "/all/again/a name.txt" = {
      path = "/all/again/a name.txt";
      source = "./a name.txt";
    };
    "/all/again/a.conf" = {
      path = "/all/again/a.conf";
      source = "./a.conf";
    };
    "/all/again/b.conf" = {
      path = "/all/again/b.conf";
      source = "./b.conf";
    };
    "/all/again/empty" = {
      path = "/all/again/empty";
      source = "./empty";
    };
    "/all/again/folder-link" = {
      path = "/all/again/folder-link";
      link = "tree";
    };
    "/all/again/heredocs" = {
      path = "/all/again/heredocs";
      source = "./heredocs";
    };
    "/all/again/link" = {
      path = "/all/again/link";
      link = "a.conf";
    };
    "/all/again/links" = {
      path = "/all/again/links";
      source = "./links";
    };
    "/all/again/notes.txt" = {
      path = "/all/again/notes.txt";
      source = "./notes.txt";
    };
    "/all/again/o.txt" = {
      path = "/all/again/o.txt";
      source = "./o.txt";
    };
    "/all/again/tree" = {
      path = "/all/again/tree";
      source = "./tree";
    };
    "/all/again/users" = {
      path = "/all/again/users";
      source = "./users";
    };
  };

  annotations = { };
}
