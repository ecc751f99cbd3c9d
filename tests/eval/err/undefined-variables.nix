# All of them are told at once.
{
  a = one;
  b = two;
  inherit three;
}
