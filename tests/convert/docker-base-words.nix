# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # A CMD is given to the ENTRYPOINT of the base.
  base = "case/base";

  annotations = { };
  cmd = [ "own" ];

  env = {
    A = "";
    B = "";
    FROM_BASE = "own";
  };
}
