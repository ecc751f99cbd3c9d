# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  annotations = { };

  entrypoint = [
    "redis-server"
    "/data/conf/redis.conf"
    "a b"
    "c d"
  ];

  cmd = [
    "nginx"
    "-g"
    "daemon off;"
    "&&"
    "echo"
    "$HOME"
  ];
}
