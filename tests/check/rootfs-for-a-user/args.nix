{
  name = "hello";
  kernel = ./kernel;
  user = 1000;
  cmd = [ "/urunit" "/bin/server" ];
  rootfs = { type = "block"; files."./kernel" = "/bin/server"; };
}
