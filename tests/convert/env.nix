# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };

  env = [
    "A=3"
    "B=two words"
    "C=single $A"
    "D=back slash"
    "OLD=the rest of the line"
    "EMPTY="
    "QUOTED=a\"b"
    "TABBED=a\tb"
    "SIGN=a=b=c"
  ];
}
