# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };
  entrypoint = [ "own" ];
}
