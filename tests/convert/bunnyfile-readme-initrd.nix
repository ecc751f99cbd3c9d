# Made from bunnyfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = {
    "./kernel" = "/.boot/kernel";
    "./server.cpio" = "/.boot/rootfs";
  };

  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    unikernelVersion = "0.17.0";
    binary = "/.boot/kernel";
    initrd = "/.boot/rootfs";
    mountRootfs = false;
  };

  cmd = [ "/server" ];
  architecture = "amd64";
}
