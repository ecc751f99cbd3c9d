/**
  Adds to nixpkgs

  `bimanix`
  : the command

  `bimanixLib`
  : the functions of `nix/lib`, `buildImage` among them. They run bimanix
    while building, so under cross compilation it is that of the build machine.
*/
final: prev: {
  bimanix = final.callPackage ./package.nix { };

  bimanixLib = import ./lib {
    inherit (final.buildPackages) bimanix cacert;
    inherit (prev.stdenv.buildPlatform) system;
  };
}
