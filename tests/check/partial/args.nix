# One undefined variable, and eleven mistakes of other fields.
{
  name = "Hello World";
  tag = version;
  files = {
    "./kernel" = "unikernel/kernel";
    "./missing" = "/data";
  };
  annotations = {
    unikernelType = "unikraftt";
    hypervisor = "qemu";
    binary = "/unikernel/other kernel";
    cmdline = 7;
  };
  env = [ "A" ];
  workingDir = "data";
  labels.x = 1;
  architecture = "x86_64";
  created = "now";
  flies = { };
}
