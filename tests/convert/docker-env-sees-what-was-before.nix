# Made from Containerfile by `bimanix convert`.
#
# All pairs of an instruction see the values from before it.
{
  name = "image";
  annotations = { };

  env = {
    abc = "bye";
    def = "hello";
    ghi = "bye";
  };
}
