{
  x = nowhere;
}
