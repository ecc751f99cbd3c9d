# Made from Containerfile by `bimanix convert`.
#
# Docker has a field of its own for it.
{
  name = "image";
  annotations = { };

  labels = {
    "org.opencontainers.image.authors" = "Some One <some@example.org>";
  };
}
