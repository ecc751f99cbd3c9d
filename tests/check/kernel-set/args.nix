{
  name = "hello";
  kernel = {
    image = ./nothing.tar;
    pth = "/boot/vmlinuz";
  };
  init = { path = "/init"; };
  cmd = [ "/bin/sh" ];
}
