# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };
  entrypoint = [ "second" ];

  cmd = [
    "b"
    "with \"quotes\""
    "é"
    "$HOME"
  ];
}
