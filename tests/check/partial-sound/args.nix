# Errors of other kinds, and code that nobody runs.
let
  unused = nowhere;
  same = 1;
  same = 2;
  f = { a, a }: a;
  huge = 99999999999999999999;
in
{
  name = "hello";
  name = "world";
  tag = builtins.toString (f { a = 1; });
  files."./kernel" = "/k";
  annotations.unikernelType = "linux";
  annotations.hypervisor = "qemu";
  annotations.hypervisor = "firecracker";
  annotations = { binary = "/k"; cmdline = if true then "x" else same; };
  user = (builtins.tryEval huge).value;
  workingDir = "relative";
  inherit architecture;
}
