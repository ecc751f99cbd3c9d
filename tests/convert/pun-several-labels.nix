# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./kernel" = "/unikernel/kernel";
    "./initrd.cpio" = "/unikernel/initrd.cpio";
  };

  annotations = {
    binary = "/unikernel/kernel";
    initrd = "/unikernel/initrd.cpio";
    cmdline = "nginx -c /nginx/conf/nginx.conf";
    unikernelType = "unikraft";
    hypervisor = "qemu";
  };

  labels = { "org.opencontainers.image.title" = "nginx on unikraft"; };
}
