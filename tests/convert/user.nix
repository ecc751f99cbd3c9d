# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };
  user = "web:www";
}
