# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = "/x/a";
    "./b" = "/x/b";
    "/folder/" = {
      path = "/folder";
      folder = true;
      mode = "0600";
      uid = 3;
      gid = 3;
    };
    "./folder" = {
      path = "/folder";
      mode = "0600";
      uid = 3;
      gid = 3;
    };
    "/linked" = {
      path = "/linked";
      source = "./a";
    };
    "./tar.tar.gz" = "/tar.tar.gz";
    "/text" = {
      path = "/text";
      text = "x\n";
    };
  };

  annotations = { };
}
