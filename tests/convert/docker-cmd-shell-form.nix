# Made from Containerfile by `bimanix convert`.
#
# What is no JSON array is a command for a shell.
{
  name = "image";
  annotations = { };

  entrypoint = [
    "/init"
    "--flag"
    "two words"
  ];

  cmd = [
    "redis-server"
    "/data/conf/redis.conf"
  ];
}
