{
  bimanix,
  system ? builtins.currentSystem,
}:
/**
  The image that BuildKit starts for a file whose first line is `# syntax=bimanix`:
  a static bimanix, built with its feature `buildkit`, and nothing else. Load the
  tar with `docker load`, or push it to a registry with `skopeo copy docker-archive:`.

  # Inputs

  `bimanix`
  : the package

  # Output

  A derivation of the tar, whose image is called `bimanix:latest`
*/
derivation {
  name = "bimanix-frontend.tar";
  inherit system;
  builder = "${bimanix}/bin/bimanix";
  args = [
    "frontend"
    "--image"
    (placeholder "out")
  ];
}
