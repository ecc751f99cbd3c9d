{
  builder,
  cacert,
  storeName,
  system,
}:
/**
  Fetches an image from a registry: a tar that is an OCI image layout and a
  docker archive at once, to build on (`base = pullImage { … };`) or to load as
  it is. The blobs are as the registry has them, and the bytes of the tar follow
  from the reference and the manifest, so its hash is known before.

  bimanix itself is the builder, as for `buildImage`: no shell, no skopeo.

  # Inputs

  `ref`
  : the image, as REGISTRY/NAME:TAG. The tag becomes its name; which image it
    is, the digest says.

  `digest`
  : the digest of its manifest or of its index, which `bimanix pin REF` prints

  `hash`
  : the SHA-256 hash of the tar, as `sha256-…`. With `""` Nix says what it is,
    as with `fetchurl`.

  `platform`
  : which image of an index to take, as `linux/amd64` or `qemu/amd64`; may be
    left out where there is only one, or one for Linux

  `cacert`
  : the certificates to trust: a package like nixpkgs' `cacert`, or a file in
    PEM. By default those of nixpkgs, when these functions come from a flake or
    from nixpkgs; with `null` those of the machine, which Nix before 2.15 does
    not show to a build in its sandbox.

  The build uses the network. Of the environment of Nix, or of its daemon, it
  sees the proxies (`https_proxy` and so on), `SSL_CERT_FILE` and
  `NIX_SSL_CERT_FILE`, and for a registry that wants a login `DOCKER_CONFIG` and
  `REGISTRY_AUTH_FILE`. The files that they name have to be in the sandbox:
  `extra-sandbox-paths` puts them there.

  # Output

  A derivation of the tar

  # Type

  ```
  pullImage :: {
    ref :: String, digest :: String, hash :: String,
    platform :: String | Null, cacert :: Derivation | Path | String | Null
  } -> Derivation
  ```

  # Examples

  ```nix
  buildImage {
    name = "nginx";
    base = pullImage {
      ref = "unikraft.org/nginx:1.15";
      digest = "sha256:…";
      hash = "sha256-…";
      platform = "qemu/amd64";
    };
    annotations = {
      unikernelType = "unikraft";
      hypervisor = "qemu";
      binary = "/unikraft/bin/kernel";
      cmdline = "";
    };
  }
  ```
*/
let
  usual = cacert;
in
{
  ref,
  digest,
  hash,
  platform ? null,
  cacert ? usual,
}:
let
  isPackage = builtins.isAttrs cacert && cacert.type or null == "derivation";
  certificates = if isPackage then "${cacert}/etc/ssl/certs/ca-bundle.crt" else "${cacert}";
in
derivation (
  {
    name = "${storeName (baseNameOf ref)}.tar";
    inherit system;
    args = [ "builder" ];
    __structuredAttrs = true;
    # It waits for the network, and needs no other machine for that.
    preferLocalBuild = true;

    pull = {
      inherit ref digest platform;
      certificates = if cacert == null then null else certificates;
    };

    outputHashMode = "flat";
    outputHashAlgo = "sha256";
    outputHash = hash;
    impureEnvVars = [
      "http_proxy"
      "https_proxy"
      "all_proxy"
      "no_proxy"
      "HTTP_PROXY"
      "HTTPS_PROXY"
      "ALL_PROXY"
      "NO_PROXY"
      "SSL_CERT_FILE"
      "NIX_SSL_CERT_FILE"
      "DOCKER_CONFIG"
      "REGISTRY_AUTH_FILE"
    ];
  }
  // builder
)
