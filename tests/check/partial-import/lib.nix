let
  place = undefinedPlace;
in
{
  inherit place;
  name = "hello";
  tag = number: "v${number}${suffix}";
  annotations = { unikernelType = "linux"; hypervisor = "hvt"; cmdline = "x"; };
}
