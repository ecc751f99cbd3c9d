# Made from Containerfile by `bimanix convert`.
#
# Stages are named, numbered, built on one another, and copied from.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = {
      path = "/kept/a.conf";
      mode = "0750";
      uid = 5;
      gid = 6;
    };
    "./tree/deep" = "/deep";
    "./tree" = "/tree";
    # COPY --from=files /tree/*.txt /etc/*.conf /matched/, file by file:
    "./tree/one.txt" = "/matched/one.txt";
    "/matched/a.conf" = {
      path = "/matched/a.conf";
      source = "./a.conf";
      mode = "0750";
      uid = 5;
      gid = 6;
    };
    "/followed" = {
      path = "/followed";
      source = "./tree/one.txt";
    };
    "/mine" = {
      path = "/mine";
      source = "./a.conf";
      mode = "0750";
      uid = 7;
      gid = 7;
    };
    # COPY --from=files / /whole/, file by file:
    "/whole/tree" = {
      path = "/whole/tree";
      source = "./tree";
    };
    "/whole/etc/" = {
      path = "/whole/etc";
      folder = true;
      mode = "0750";
      uid = 5;
      gid = 6;
    };
    "/whole/etc/a.conf" = {
      path = "/whole/etc/a.conf";
      source = "./a.conf";
      mode = "0750";
      uid = 5;
      gid = 6;
    };
  };

  annotations = { };
}
