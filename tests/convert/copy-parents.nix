# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./x/a.txt" = "/all/x/a.txt";
    "./y/b.txt" = "/all/y/b.txt";
    "./x/deep/c.txt" = "/pivot/deep/c.txt";
    "/wild/deep/c.txt" = {
      path = "/wild/deep/c.txt";
      source = "./x/deep/c.txt";
    };
    # COPY --parents **/*.txt /every/, file by file:
    "/every/x/a.txt" = {
      path = "/every/x/a.txt";
      source = "./x/a.txt";
    };
    "/every/x/deep/c.txt" = {
      path = "/every/x/deep/c.txt";
      source = "./x/deep/c.txt";
    };
    "/every/y/b.txt" = {
      path = "/every/y/b.txt";
      source = "./y/b.txt";
    };
    "./x/deep" = "/folder/x/deep";
  };

  annotations = { };
}
