{
  name = "Hello";
  tag = "a b"
}
