# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };

  env = {
    PATH = "/srv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  };
}
