{
  a = "text;
  b = "more";
}
