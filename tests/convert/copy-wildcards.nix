# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    # COPY hom* /1/, file by file:
    "./home.txt" = "/1/home.txt";
    "./homx.txt" = "/1/homx.txt";
    # COPY hom?.txt /2/, file by file:
    "/2/home.txt" = {
      path = "/2/home.txt";
      source = "./home.txt";
    };
    "/2/homx.txt" = {
      path = "/2/homx.txt";
      source = "./homx.txt";
    };
    "/3" = {
      path = "/3";
      source = "./home.txt";
    };
    "./folder/deep.txt" = "/4/deep.txt";
    "./folder/sub/xyz" = "/5/xyz";
    # COPY folder/* /6/, file by file:
    "/6/deep.txt" = {
      path = "/6/deep.txt";
      source = "./folder/deep.txt";
    };
    "./folder/sub" = "/6";
    "./arr[0].txt" = "/7/arr[0].txt";
    "/8/home.txt" = {
      path = "/8/home.txt";
      source = "./home.txt";
    };
    "./folder" = "/9";
  };

  annotations = { };
}
