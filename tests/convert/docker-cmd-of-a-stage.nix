# Made from Containerfile by `bimanix convert`.
#
# An ENTRYPOINT drops the CMD of the stage below, and keeps one of its own stage.
{
  name = "image";
  annotations = { };
  entrypoint = [ "/third" ];

  cmd = [
    "of"
    "third"
  ];
}
