# Made from Containerfile by `bimanix convert`.
#
# a comment first
# escape=`
{
  name = "image";
  annotations = { };
  labels = { a = "b c"; };
}
