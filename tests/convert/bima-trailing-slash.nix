# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./hello.hvt" = "/unikernel/hello.hvt";
    "./redis.conf" = "/redis.conf";
  };

  annotations = {
    binary = "/unikernel/hello.hvt";
    cmdline = "";
    unikernelType = "rumprun";
    hypervisor = "hvt";
  };
}
