# Made from Containerfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = { "./hello.hvt" = "/.boot/kernel"; };

  annotations = {
    unikernelType = "mirage";
    hypervisor = "hvt";
    binary = "/.boot/kernel";
    mountRootfs = false;
    cmdline = "";
  };

  entrypoint = [ "hello" ];
}
