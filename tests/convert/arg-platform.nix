# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = { "./kernel-arm64" = "/kernel"; };

  annotations = { };

  labels = {
    target = "linux/arm64/v8";
    os = "linux";
    variant = "v8";
    build = "linux/amd64";
  };

  architecture = "arm64";
}
