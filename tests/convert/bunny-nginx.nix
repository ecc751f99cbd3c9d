# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  base = "unikraft.org/nginx:1.15";

  annotations = {
    binary = "/unikraft/bin/kernel";
    unikernelType = "unikraft";
    hypervisor = "qemu";
  };

  cmd = [
    "-c"
    "/nginx/conf/nginx.conf"
  ];
}
