# Made from Containerfile by `bimanix convert`.
#
# not=a directive
{
  name = "image";
  annotations = { };
  env = { A = "ab"; };
}
