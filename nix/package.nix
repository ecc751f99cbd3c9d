{
  lib,
  stdenv,
  buildPackages,
  rustPlatform,
  installShellFiles,
  versionCheckHook,
  # `bimanix frontend` and `bimanix build --llb`
  withBuildKit ? false,
}:

let
  manifest = (lib.importTOML ../Cargo.toml).package;

  canRun = stdenv.hostPlatform.emulatorAvailable buildPackages;
  bimanix = "${stdenv.hostPlatform.emulator buildPackages} $out/bin/bimanix";
in
rustPlatform.buildRustPackage (finalAttrs: {
  pname = manifest.name;
  inherit (manifest) version;

  # What is compiled, so that a change of anything else compiles nothing.
  # args.nix is in the binary as the text that `init` starts from.
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../Cargo.toml
      ../Cargo.lock
      ../args.nix
      ../src
    ];
  };

  cargoLock.lockFile = ../Cargo.lock;

  buildFeatures = lib.optional withBuildKit "buildkit";

  # The tests in tests/ need engines, a registry and Nix itself.
  cargoTestFlags = [
    "--lib"
    "--bins"
  ];

  nativeBuildInputs = [ installShellFiles ];

  postInstall = lib.optionalString canRun ''
    installShellCompletion --cmd bimanix \
      --bash <(${bimanix} completions bash) \
      --fish <(${bimanix} completions fish) \
      --zsh <(${bimanix} completions zsh)
    ${bimanix} man > bimanix.1
    installManPage bimanix.1
  '';

  doInstallCheck = true;
  nativeInstallCheckInputs = [ versionCheckHook ];

  meta = {
    inherit (manifest) description;
    homepage = "https://github.com/nubificus/bimanix";
    changelog = "${finalAttrs.meta.homepage}/blob/v${finalAttrs.version}/CHANGELOG.md";
    license = lib.licenses.asl20;
    mainProgram = "bimanix";
    platforms = lib.platforms.linux ++ lib.platforms.darwin;
  };
})
