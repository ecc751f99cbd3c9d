# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # Nothing is said, so all of it is that of the base.
  # without a command line
  base = "case/base";

  annotations = { };
}
