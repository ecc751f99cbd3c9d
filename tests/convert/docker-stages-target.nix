# Made from Containerfile by `bimanix convert`.
#
# flags: --target middle
# --target stops at a stage, and what comes later is not looked at.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = "/a";
    "./b.conf" = "/b";
  };

  annotations = { };
}
