{
  name = "x"
}
