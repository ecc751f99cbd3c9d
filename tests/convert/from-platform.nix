# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  base = {
    image = "unikraft.org/nginx:1.15";
    platform = "qemu/amd64";
  };

  annotations = { };
}
