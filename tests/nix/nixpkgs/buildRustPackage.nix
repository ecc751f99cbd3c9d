/*
  Checks what it is given as nixpkgs would, then packages the binary beside this
  file with the builder of `nix-env`, which needs no shell.
*/
{ lib, system }:
definition:
let
  accepted = [
    "buildFeatures"
    "cargoLock"
    "cargoTestFlags"
    "doInstallCheck"
    "meta"
    "nativeBuildInputs"
    "nativeInstallCheckInputs"
    "pname"
    "postInstall"
    "src"
    "version"
  ];
  attributes = definition final;
  final = attributes // {
    finalPackage = package;
  };
  unknown = builtins.attrNames (removeAttrs attributes accepted);

  lock = builtins.fromTOML (builtins.readFile attributes.cargoLock.lockFile);
  unpinned = builtins.filter (
    crate: crate ? source && !(crate ? checksum && builtins.match "registry\\+.*" crate.source != null)
  ) lock.package;

  inherit (attributes) meta;
  hooks = attributes.nativeBuildInputs ++ attributes.nativeInstallCheckInputs;
  bin = builtins.path {
    path = ./bimanix;
    name = "binary";
  };

  package =
    derivation {
      name = "${attributes.pname}-${attributes.version}";
      inherit system;
      inherit (attributes) buildFeatures cargoTestFlags postInstall src;
      builder = "builtin:buildenv";
      derivations = "true 5 1 ${bin}";
      manifest = "/dev/null";
    }
    // {
      inherit meta;
      inherit (attributes) pname version;
    };
in
assert
  unknown == [ ] || throw "the stand-in for buildRustPackage does not know ${toString unknown}";
assert
  unpinned == [ ]
  || throw "Cargo.lock: without a checksum: ${toString (map (crate: crate.name) unpinned)}";
assert
  builtins.elem system meta.platforms || throw "${attributes.pname} is not available on ${system}";
assert meta.license == lib.licenses.asl20;
assert builtins.isString meta.mainProgram;
assert builtins.all builtins.isString [
  meta.changelog
  meta.description
  meta.homepage
];
assert builtins.all (hook: builtins.isString hook.drvPath) hooks;
package
