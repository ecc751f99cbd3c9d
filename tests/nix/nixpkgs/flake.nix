{
  description = "A stand-in for nixpkgs, see default.nix";

  outputs =
    { self }:
    {
      lib = import ./lib.nix;

      legacyPackages = self.lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ] (system: import ./. { inherit system; });
    };
}
