# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./build/app-nginx_qemu-x86_64" = "/unikernel/kernel";
    "./data.cpio" = "/unikernel/initrd";
  };

  annotations = {
    binary = "/unikernel/kernel";
    initrd = "/unikernel/initrd";
    cmdline = "nginx -c /nginx/conf/nginx.conf";
    unikernelType = "unikraft";
    hypervisor = "qemu";
  };
}
