# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./redis.hvt" = "/unikernel/redis.hvt";
    "./conf" = "/.";
  };

  annotations = {
    binary = "/unikernel/redis.hvt";
    unikernelType = "rumprun";
    hypervisor = "hvt";
    mountRootfs = true;
  };

  cmd = [
    "redis-server"
    "/data/conf/redis.conf"
  ];
}
