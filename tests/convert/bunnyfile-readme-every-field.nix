# Made from bunnyfile by `bimanix convert`.
{
  name = "image";
  base = "registry.example/nginx:latest";

  # "path from this folder" = "path in the image"
  files = {
    "./site" = "/srv/site";
    "/bin/urunit" = {
      path = "/urunit";
      image = "registry.example/tools:1";
    };
    "/boot/vmlinux" = {
      path = "/.boot/kernel";
      image = "registry.example/kernels/linux:6.12";
    };
  };

  annotations = {
    unikernelType = "linux";
    hypervisor = "firecracker";
    unikernelVersion = "v6.12";
    binary = "/.boot/kernel";
    mountRootfs = true;
  };

  entrypoint = [ "/urunit" ];
  cmd = [ "nginx" ];
  env = { HOME = "/srv"; };
  architecture = "arm64";
}
