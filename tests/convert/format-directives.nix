# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };
  labels = { a = "$b"; };
}
