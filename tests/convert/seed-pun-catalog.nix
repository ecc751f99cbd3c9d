# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  base = "unikraft.org/nginx:1.15";

  annotations = {
    binary = "/unikraft/bin/kernel";
    cmdline = "nginx -c /nginx/conf/nginx.conf";
    unikernelType = "unikraft";
    hypervisor = "qemu";
  };
}
