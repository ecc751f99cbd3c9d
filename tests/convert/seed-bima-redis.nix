# Made from Containerfile by `bimanix convert`.
#
# the FROM instruction will not be parsed
{
  name = "image";
  tag = "tag";

  # "path from this folder" = "path in the image"
  files = {
    "./test-redis.hvt" = "/unikernel/test-redis.hvt";
    "./redis.conf" = "/conf/redis.conf";
  };

  annotations = {
    binary = "/unikernel/test-redis.hvt";
    cmdline = "redis-server /data/conf/redis.conf";
    unikernelType = "rumprun";
    hypervisor = "hvt";
  };
}
