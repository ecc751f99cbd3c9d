# What an annotation says that depends on an error is not taken for absent.
{
  name = "hello";
  files."./kernel" = "/k";
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/k";
    cmdline = "${arguments} 'unclosed";
    block = images.block;
    blkMntPoint = "/";
    mountRootfs = true;
    version = 1;
    "org.example.x" = undefined;
  };
  cmd = [ "a" words ];
  env = { A = "x y"; B = variable; };
}
