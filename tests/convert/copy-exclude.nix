# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    # COPY --exclude=*.txt --exclude=sub/no folder /1, file by file:
    "./folder/b" = "/1/b";
    "./folder/sub/c.txt" = "/1/sub/c.txt";
    "./folder/sub/yes" = "/1/sub/yes";
    # COPY --exclude=**/*.txt folder /2, file by file:
    "/2/b" = {
      path = "/2/b";
      source = "./folder/b";
    };
    "./folder/sub/no" = "/2/sub/no";
    "/2/sub/yes" = {
      path = "/2/sub/yes";
      source = "./folder/sub/yes";
    };
    "./home.md" = "/3/home.md";
    "./folder/sub" = "/4/sub";
  };

  annotations = { };
}
