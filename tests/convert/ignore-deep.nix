# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    # COPY . /, file by file:
    "./.dockerignore" = "/.dockerignore";
    "./Containerfile" = "/Containerfile";
    "./keep" = "/keep";
    "./x/y/c" = "/x/y/c";
  };

  annotations = { };
}
