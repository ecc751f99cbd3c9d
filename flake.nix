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
        frontend = import ./nix/frontend.nix {
          bimanix = (pkgsFor system).pkgsStatic.callPackage ./nix/package.nix { withBuildKit = true; };
          inherit system;
        };
      });

      lib = forEachSystem (
        system:
        import ./nix/lib {
          inherit (self.packages.${system}) bimanix;
          inherit (pkgsFor system) cacert;
          inherit system;
        }
      );

      overlays.default = import ./nix/overlay.nix;

      apps = forEachSystem (
        system:
        let
          inherit (self.packages.${system}) bimanix image;
          app = description: package: {
            type = "app";
            program = "${package}/bin/${package.meta.mainProgram}";
            meta = { inherit description; };
          };
        in
        {
          default = app bimanix.meta.description bimanix;
          stream = app "Writes the image of ./args.nix to standard output" image.stream;
          load = app "Gives the image of ./args.nix to an engine" image.load;
          push = app "Sends the image of ./args.nix to a registry" image.push;
        }
      );

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
