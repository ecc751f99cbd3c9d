# Made from Containerfile by `bimanix convert`.
#
# A folder that is there keeps its mode and owner; those below what is copied get the new ones.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "/tree/" = {
      path = "/tree";
      folder = true;
      uid = 1;
      gid = 1;
    };
    "./tree/hollow" = {
      path = "/tree/hollow";
      uid = 1;
      gid = 1;
    };
    # COPY --chown=2:2 tree /tree, file by file:
    "/tree/dangling" = {
      path = "/tree/dangling";
      link = "nowhere";
      uid = 2;
      gid = 2;
    };
    "/tree/deep/" = {
      path = "/tree/deep";
      folder = true;
      uid = 2;
      gid = 2;
    };
    "./tree/deep/two.txt" = {
      path = "/tree/deep/two.txt";
      uid = 2;
      gid = 2;
    };
    "/tree/hollow/" = {
      path = "/tree/hollow";
      folder = true;
      uid = 2;
      gid = 2;
    };
    "/tree/hollow" = {
      path = "/tree/hollow";
      source = "./tree/hollow";
      uid = 2;
      gid = 2;
    };
    "/tree/link" = {
      path = "/tree/link";
      link = "one.txt";
      uid = 2;
      gid = 2;
    };
    "./tree/one.txt" = {
      path = "/tree/one.txt";
      uid = 2;
      gid = 2;
    };
    "./tree/three.sh" = {
      path = "/tree/three.sh";
      uid = 2;
      gid = 2;
    };
    "./tree" = {
      path = "/tree/deep";
      mode = "0750";
      uid = 3;
      gid = 3;
    };
    "/tree/deep/deep/" = {
      path = "/tree/deep/deep";
      folder = true;
      mode = "0750";
      uid = 3;
      gid = 3;
    };
    "/tree/deep/hollow/" = {
      path = "/tree/deep/hollow";
      folder = true;
      mode = "0750";
      uid = 3;
      gid = 3;
    };
  };

  annotations = { };
}
