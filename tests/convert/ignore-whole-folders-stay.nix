# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    # COPY . /all, file by file:
    "./.dockerignore" = "/all/.dockerignore";
    "./Containerfile" = "/all/Containerfile";
    "./a" = "/all/a";
    "./kept" = "/all/kept";
    "./mixed/open" = "/all/mixed/open";
    "/kept" = {
      path = "/kept";
      source = "./kept";
    };
  };

  annotations = { };
}
