# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "/etc/nginx/nginx.conf" = {
      path = "/conf/nginx.conf";
      image = "nginx";
    };
    "./tree" = "/own";
    "/usr/lib/libc.so" = {
      path = "/libc.so";
      image = "nginx";
    };
    "/lib/" = {
      path = "/lib";
      folder = true;
    };
    "/usr/lib" = {
      path = "/lib";
      image = "nginx";
    };
    "/etc/nginx/nginx.conf 2" = {
      path = "/etc/nginx/nginx.conf";
      source = "/etc/nginx/nginx.conf";
      image = "nginx";
    };
    "/etc/nginx/mime.types" = {
      path = "/kept/etc/nginx/mime.types";
      image = "nginx";
    };
    "/owned/" = {
      path = "/owned";
      folder = true;
      mode = "0700";
      uid = 3;
      gid = 3;
    };
    "/owned" = {
      path = "/owned";
      source = "./tree";
      mode = "0700";
      uid = 3;
      gid = 3;
    };
    # COPY --from=base / /whole, file by file:
    "/whole/" = {
      path = "/whole";
      folder = true;
    };
    "/" = {
      path = "/whole";
      image = "nginx";
    };
    "/whole/etc/own" = {
      path = "/whole/etc/own";
      source = "./tree";
    };
  };

  annotations = { };
}
