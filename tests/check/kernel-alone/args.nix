{
  name = "hello";
  kernel = ./kernel;
}
