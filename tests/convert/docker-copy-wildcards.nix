# Made from Containerfile by `bimanix convert`.
#
# Patterns are those of Go's filepath.Match; one that matches nothing is left out while another source is there.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    # COPY *.conf /star/, file by file:
    "./a.conf" = "/star/a.conf";
    "./b.conf" = "/star/b.conf";
    # COPY ?.conf /question/, file by file:
    "/question/a.conf" = {
      path = "/question/a.conf";
      source = "./a.conf";
    };
    "/question/b.conf" = {
      path = "/question/b.conf";
      source = "./b.conf";
    };
    # COPY [a-c].conf /class/, file by file:
    "/class/a.conf" = {
      path = "/class/a.conf";
      source = "./a.conf";
    };
    "/class/b.conf" = {
      path = "/class/b.conf";
      source = "./b.conf";
    };
    "/negated/b.conf" = {
      path = "/negated/b.conf";
      source = "./b.conf";
    };
    "/left-out/a.conf" = {
      path = "/left-out/a.conf";
      source = "./a.conf";
    };
    "./tree" = "/folder";
    "./tree/one.txt" = "/below/one.txt";
  };

  annotations = { };
}
