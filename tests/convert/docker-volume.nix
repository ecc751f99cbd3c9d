# Made from Containerfile by `bimanix convert`.
#
# A JSON array, or words.
{
  name = "image";
  annotations = { };

  volumes = [
    "/data"
    "/one"
    "/two"
    "/three"
    "/with space"
  ];
}
