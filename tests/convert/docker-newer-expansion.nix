# Made from Containerfile by `bimanix convert`.
#
# The forms of a variable that BuildKit has learned since: ${x#…}, ${x%…}, ${x/…/…}, and ${x-…} without a colon.
{
  name = "image";
  annotations = { };

  env = [
    "FILE=/a/b.tar.gz"
    "EMPTY="
    "A=a/b.tar.gz"
    "B=b.tar.gz"
    "C=/a/b.tar"
    "D=/a/b"
    "E=/c/b.tar.gz"
    "F=/a/b-tar-gz"
    "G="
    "H=other"
    "I=other"
  ];
}
