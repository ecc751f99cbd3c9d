# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };

  labels = {
    architecture = "amd64";
    outside = "unset";
  };
}
