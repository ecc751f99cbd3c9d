# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    # COPY . /, file by file:
    "./README.md" = "/README.md";
    "./app/a" = "/app/a";
  };

  annotations = { };
}
