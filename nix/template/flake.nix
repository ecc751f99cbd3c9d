{
  description = "The image of a unikernel, for the urunc container runtime";

  inputs.bimanix.url = "github:nubificus/bimanix";

  # `nix build` writes the image to ./result, for `docker load < result`. Without a copy in the store:
  # `nix run .#default.load -- --into docker` and `nix run .#default.push`.
  outputs =
    { bimanix, ... }:
    {
      packages = builtins.mapAttrs (_system: lib: {
        default = lib.buildImage ./args.nix;
      }) bimanix.lib;
    };
}
