# A file that depends on an error may be the one that `binary` names, or hold the users.
let
  data = { "./data" = undefinedPlace; };
in
{
  name = "hello";
  files = { "./kernel" = "/k"; "./missing" = "/m"; } // data;
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/k";
    initrd = "/boot/initrd";
    cmdline = "/init";
    mountRootfs = "maybe";
  };
  user = "nobody";
}
