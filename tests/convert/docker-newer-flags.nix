# Made from Containerfile by `bimanix convert`.
#
# Flags that BuildKit has got since: --link changes nothing in the files, --exclude leaves some out, --parents keeps
# the folders of the source.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = "/etc/a.conf";
    # COPY --exclude=*.sh --exclude=deep/two.txt --exclude=dang* --exclude=link tree /tree, file by file:
    "/tree/deep/" = {
      path = "/tree/deep";
      folder = true;
    };
    "./tree/hollow" = "/tree/hollow";
    "./tree/one.txt" = "/tree/one.txt";
    "./tree/deep/two.txt" = "/parents/tree/deep/two.txt";
    "./tree/deep" = "/parents/deep";
    "/patterns/tree/one.txt" = {
      path = "/patterns/tree/one.txt";
      source = "./tree/one.txt";
    };
    "./b.conf" = "/etc/b.conf";
  };

  annotations = { };
}
