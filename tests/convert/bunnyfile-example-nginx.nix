# Made from bunnyfile by `bimanix convert`.
{
  name = "image";
  base = "unikraft.org/nginx:1.15";

  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikraft/bin/kernel";
    mountRootfs = false;
  };

  cmd = [
    "-c"
    "/nginx/conf/nginx.conf"
  ];

  architecture = "amd64";
}
