# Made from Containerfile by `bimanix convert`.
{
  name = "image";
  base = "docker.io/library/nginx:1.27";

  # "path from this folder" = "path in the image"
  files = {
    "./vmlinux" = "/.boot/kernel";
    "./nginx.conf" = "/etc/nginx/nginx.conf";
  };

  annotations = {
    unikernelType = "linux";
    hypervisor = "firecracker";
    binary = "/.boot/kernel";
    cmdline = "nginx -g 'daemon off;'";
    mountRootfs = true;
  };

  cmd = [
    "nginx"
    "-g"
    "daemon off;"
  ];

  labels = { "bunny.urunit" = "false"; };
}
