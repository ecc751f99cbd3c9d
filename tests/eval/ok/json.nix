{
  b = [ 1 2.5 null true "é\n" ];
  a.outPath = "out";
}
