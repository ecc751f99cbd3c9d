# Made from Containerfile by `bimanix convert`.
#
# Symlinks of a stage are followed in its files, not in those of the context.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./links/usr/lib/libx.so" = "/1";
    "/2" = {
      path = "/2";
      source = "./links/usr/lib/libx.so";
    };
    "./links/usr/lib" = "/3";
    "/4/libx.so" = {
      path = "/4/libx.so";
      source = "./links/usr/lib/libx.so";
    };
  };

  annotations = { };
}
