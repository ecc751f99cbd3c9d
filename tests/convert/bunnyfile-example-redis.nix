# Made from bunnyfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./conf" = "/conf";
    "./redis.hvt" = "/.boot/kernel";
  };

  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/.boot/kernel";
    mountRootfs = true;
  };

  cmd = [
    "redis-server"
    "/data/conf/redis.conf"
  ];

  architecture = "amd64";
}
