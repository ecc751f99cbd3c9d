{
  description = "Packages unikernels as OCI images for the urunc container runtime";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      forEachSystem = nixpkgs.lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      pkgsFor = system: nixpkgs.legacyPackages.${system};
    in
    {
      packages = forEachSystem (system: {
        default = self.packages.${system}.bimanix;
        bimanix = (pkgsFor system).callPackage ./nix/package.nix { };
        image = self.lib.${system}.buildImage ./args.nix;
      });

      lib = forEachSystem (
        system:
        import ./nix/lib {
          inherit (self.packages.${system}) bimanix;
          inherit system;
        }
      );

      overlays.default = import ./nix/overlay.nix;

      apps = forEachSystem (system: {
        default = {
          type = "app";
          program = "${self.packages.${system}.bimanix}/bin/bimanix";
          meta = { inherit (self.packages.${system}.bimanix.meta) description; };
        };
      });

      templates.default = {
        path = ./nix/template;
        description = "An image of your own unikernel";
      };

      checks = forEachSystem (
        system:
        import ./nix/checks.nix {
          pkgs = pkgsFor system;
          inherit (self.packages.${system}) bimanix image;
          lib = self.lib.${system};
        }
      );

      # The files that the evaluator is tested with are odd on purpose.
      formatter = forEachSystem (
        system:
        (pkgsFor system).nixfmt-tree.override {
          settings.formatter.nixfmt.excludes = [ "tests/eval/*" ];
        }
      );

      devShells = forEachSystem (system: {
        default = (pkgsFor system).callPackage ./nix/shell.nix {
          inherit (self.packages.${system}) bimanix;
        };
      });
    };
}
