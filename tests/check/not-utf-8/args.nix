# A comment may hold any bytes: ÿ
{
  name = "hello";
  tag = builtins.substring 0 1 "Ã©";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./missingÿ" = "/missingþ";
    "./kernel " = { path = "/a"; "moÿde" = "0644"; };
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "a b";
    "org.example.ÿ" = "value";
    "hypervisÿor" = "qemu";
  };
  env."Aÿ" = "1";
  labels = { "labelÿ" = "value"; label = "ÿ"; };
  "naÿme" = 1;
}
