# Made from Containerfile by `bimanix convert`.
#
# A bracket in a name is written as a class or behind a backslash, a blank in a JSON array.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./[odd].txt" = "/class/[odd].txt";
    "./a name.txt" = "/spaced/a name.txt";
    "/spaced/another name.txt" = {
      path = "/spaced/another name.txt";
      source = "./a name.txt";
    };
  };

  annotations = { };
}
