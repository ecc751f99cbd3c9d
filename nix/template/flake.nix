{
  description = "The image of a unikernel, for the urunc container runtime";

  inputs.bimanix.url = "github:nubificus/bimanix";

  # `nix build` writes the image to ./result; `docker load < result` loads it.
  outputs =
    { bimanix, ... }:
    {
      packages = builtins.mapAttrs (_system: lib: {
        default = lib.buildImage ./args.nix;
      }) bimanix.lib;
    };
}
