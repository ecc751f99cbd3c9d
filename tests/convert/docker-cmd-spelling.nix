# Made from Containerfile by `bimanix convert`.
#
# Blanks in and around the array do not matter, and no variable is expanded in it.
{
  name = "image";
  annotations = { };

  entrypoint = [
    "a"
    "b"
  ];

  cmd = [
    "$A"
    "\${A}"
    "\\$A"
  ];

  env = { A = "a"; };
}
