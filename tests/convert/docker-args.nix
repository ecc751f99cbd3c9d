# Made from Containerfile by `bimanix convert`.
#
# flags: --build-arg GIVEN=from-outside --build-arg GLOBAL=given --build-arg HIDDEN=outside
# An ARG above FROM is for FROM alone, unless a stage asks for it; ENV goes before ARG; each stage asks for its own.
{
  name = "image";
  annotations = { };

  env = [
    "FIRST=first-"
    "HIDDEN=env"
    "A=from-outside"
    "B=default"
    "C=xx"
    "D=given"
    "E=outside"
    "F=from-outside-later"
    "G=first"
  ];
}
