# Made from Containerfile by `bimanix convert`.
#
# The forms of a variable.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./a.conf" = "/usr/local/bin:/usr/bin/a.conf";
    "/default/value" = {
      path = "/default/value";
      source = "./a.conf";
    };
  };

  annotations = { };

  env = [
    "SET=value"
    "EMPTY="
    "PATH_LIKE=/usr/local/bin:/usr/bin"
    "A1=value"
    "A2=value"
    "A3=other"
    "A4=other"
    "B1=other"
    "B2="
    "B3="
    "C1=value"
    "C2=value-more"
    "C3=two words"
    "C4=quoted"
    "D1=value/x"
    "D2=valuex"
    "D3=value-x"
    "D4=a.b"
    "D5=$"
    "D6=a$"
  ];
}
