/**
  The functions of this folder, joined: a file's name is its attribute's name,
  and what a file takes as arguments it gets from here.

  Nothing in this folder uses nixpkgs, so that a machine with a static bimanix
  and no nixpkgs can build images.

  # Inputs

  `bimanix`
  : the builder: a package with `bin/bimanix`, or the path to a static binary

  `system`
  : the system that the images are built on, `x86_64-linux` for instance
    (that an image is for is read from the unikernel)

  `cacert`
  : the certificates that `pullImage` trusts: a package like nixpkgs' `cacert`,
    a file in PEM, or `null` for those of the machine

  # Type

  ```
  {
    bimanix :: Derivation | Path | String, system :: String,
    cacert :: Derivation | Path | String | Null
  } -> { buildImage, buildIndex, pullImage, storeName }
  ```
*/
{
  bimanix,
  system,
  cacert ? null,
}:

let
  call =
    file:
    let
      function = import file;
    in
    function (builtins.intersectAttrs (builtins.functionArgs function) scope);

  scope = {
    inherit bimanix cacert system;

    argsSource = call ./argsSource.nix;
    bootFiles = call ./bootFiles.nix;
    builder = call ./builder.nix;
    buildImage = call ./buildImage.nix;
    buildIndex = call ./buildIndex.nix;
    fileEntry = call ./fileEntry.nix;
    fileType = call ./fileType.nix;
    imagePath = call ./imagePath.nix;
    importPath = call ./importPath.nix;
    jsonSafe = call ./jsonSafe.nix;
    parts = call ./parts.nix;
    pullImage = call ./pullImage.nix;
    refuse = call ./refuse.nix;
    request = call ./request.nix;
    sourcePath = call ./sourcePath.nix;
    storedAsLink = call ./storedAsLink.nix;
    storeName = call ./storeName.nix;
    storeReference = call ./storeReference.nix;
  };
in
{
  inherit (scope)
    buildImage
    buildIndex
    pullImage
    storeName
    ;
}
