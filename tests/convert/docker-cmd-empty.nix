# Made from Containerfile by `bimanix convert`.
#
# An empty array takes back what a stage below has set.
{
  name = "image";
  annotations = { cmdline = ""; };
}
