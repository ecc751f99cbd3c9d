# Made from Containerfile by `bimanix convert`.
#
# The .dockerignore of the context: folders and what is in them, exceptions, patterns over folders.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    # COPY . /all, file by file:
    "./.hidden/kept" = "/all/.hidden/kept";
    "./README.md" = "/all/README.md";
    "./docs/api/kept.txt" = "/all/docs/api/kept.txt";
    "./src/deep/kept.txt" = "/all/src/deep/kept.txt";
    "./temp" = "/all/temp";
    "/some/deep/kept.txt" = {
      path = "/some/deep/kept.txt";
      source = "./src/deep/kept.txt";
    };
    "/some/api/kept.txt" = {
      path = "/some/api/kept.txt";
      source = "./docs/api/kept.txt";
    };
    "/hidden/kept" = {
      path = "/hidden/kept";
      source = "./.hidden/kept";
    };
  };

  annotations = { };
}
