# Made from Containerfile by `bimanix convert`.
#
# JSON arrays.
{
  name = "image";
  annotations = { };

  entrypoint = [
    "/init"
    "with space"
    "quote\"d"
    "é"
    "tab\tbed"
  ];

  cmd = [
    "-c"
    "/nginx.conf"
    ""
  ];
}
