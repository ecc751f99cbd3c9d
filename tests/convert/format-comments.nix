# Made from Containerfile by `bimanix convert`.
#
# a comment
{
  name = "image";
  annotations = { };

  labels = {
    # COPY nothing /nothing
    a = "1";
    # inside an instruction
    # with blanks
    b = "2";
    c = "#no comment";
    d = "#no comment";
  };
}
