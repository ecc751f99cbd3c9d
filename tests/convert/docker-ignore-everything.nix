# Made from Containerfile by `bimanix convert`.
#
# Everything is left out, and a few are taken back in.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    # COPY . /all, file by file:
    "/all/tree/dangling" = {
      path = "/all/tree/dangling";
      link = "nowhere";
    };
    "./tree/deep/two.txt" = "/all/tree/deep/two.txt";
    "./tree/hollow" = "/all/tree/hollow";
    "./tree/one.txt" = "/all/tree/one.txt";
    "./tree/three.sh" = "/all/tree/three.sh";
  };

  annotations = { };
}
