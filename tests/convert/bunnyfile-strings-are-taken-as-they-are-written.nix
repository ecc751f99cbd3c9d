# Made from bunnyfile by `bimanix convert`.
{
  name = "image";

  # "path from this folder" = "path in the image"
  files = { "./kernel" = "/.boot/kernel"; };

  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    unikernelVersion = "6.10";
    binary = "/.boot/kernel";
    mountRootfs = false;
  };

  cmd = [
    "0x10"
    "true"
    "1_000"
    "null"
    "null"
    ""
    "two words"
    ''
      a
      b
    ''
    "c d"
    "é"
  ];
}
