# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };

  labels = {
    version = "2";
    name = "a b";
    empty = "[]";
    unset = "default";
  };
}
