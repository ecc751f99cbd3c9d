{
  list = [ 1 "a" ];
  f = { x, y ? 2, ... }@all: x;
}
