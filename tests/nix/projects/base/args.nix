# Built on an image that lies beside it, with or without a platform.
{
  platform ? null,
}:
{
  name = "base";
  base =
    if platform == null then
      "./image.tar"
    else
      {
        image = ./image.tar;
        inherit platform;
      };
  files = { };
  annotations = { };
}
