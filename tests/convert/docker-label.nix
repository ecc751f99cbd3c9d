# Made from Containerfile by `bimanix convert`.
#
# Every quoting, several pairs, names in quotes, lines that go on, the old form, and a label that is set twice.
{
  name = "image";
  annotations = { };

  labels = {
    one = "1";
    two = "2 words";
    three = "3 words";
    four = "4 words";
    five = "";
    "quoted name" = "quoted value";
    "org.example.dotted" = "dots";
    multi = "first second";
    another = "line";
    old = "form of a label";
    escaped = "a \"quote\" and a \\ backslash";
    dollar = "$HOME";
    equals = "a=b=c";
    twice = "2";
    unicode = "größe";
    empty = "";
  };
}
