{
  a = f x
  b.c."d" = 2;
}
