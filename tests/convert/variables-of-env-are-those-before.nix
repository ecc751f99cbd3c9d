# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };

  env = {
    abc = "bye";
    def = "hello";
    ghi = "bye";
  };
}
