# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a" = {
      path = "/a";
      mode = "0755";
      uid = 5;
      gid = 6;
    };
    "/copied/a" = {
      path = "/copied/a";
      source = "./a";
      mode = "0755";
      uid = 5;
      gid = 6;
    };
    # COPY --from=files /srv /all, file by file:
    "./tree" = "/all/tree";
    "./b" = "/all/tree/b";
    "/all/text" = {
      path = "/all/text";
      text = "text\n";
    };
    "./tree/sub/deep" = "/deep";
    # COPY --from=files --chown=9 /srv/tree/s* /wild/, file by file:
    "./tree/second" = {
      path = "/wild/second";
      uid = 9;
      gid = 9;
    };
    "./tree/sub" = {
      path = "/wild";
      uid = 9;
      gid = 9;
    };
    "/text" = {
      path = "/text";
      text = "text\n";
    };
  };

  annotations = { };
}
