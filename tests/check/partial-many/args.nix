# Each item of a list may have its own mistake.
{
  name = "hello";
  cmd = [ first 2 "three" fourth (throw "fifth") ./six ];
  env = [ (1 / 0) undefined null ];
  workingDir = "relative";
  files."./kernel" = "/k";
  annotations = { unikernelType = "linux"; hypervisor = "qemu"; binary = "/k"; cmdline = "x"; };
}
