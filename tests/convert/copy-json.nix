# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./with blank" = "/a folder/with blank";
    "./b" = "/a folder/b";
    "./abc" = "/q";
    "/wild/b" = {
      path = "/wild/b";
      source = "./b";
    };
  };

  annotations = { };
}
