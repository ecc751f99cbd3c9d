let
  config = {
    hypervisor = "hvt";
    binary = "hello";
  };
in
config.hypervisr
