# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };

  labels = {
    "org.opencontainers.image.authors" = "Somebody <some@example.org>";
  };
}
