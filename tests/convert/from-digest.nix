# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  base = "harbor.io:5000/a/b:1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  annotations = { };
}
