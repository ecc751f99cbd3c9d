# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  annotations = {
    binary = "/second";
    version = "0.17.0";
  };

  labels = {
    "com.example.vendor" = "ACME Incorporated";
    "com.example.label-with-value" = "foo";
    version = "2";
    description = "This text illustrates that label-values can span multiple lines.";
    "multi.label1" = "value1";
    "multi.label2" = "value2";
    other = "value3";
    old = "style label";
    "quoted key" = "x";
    single = "it is \"quoted\"";
    empty = "";
    escaped = "\"";
  };
}
