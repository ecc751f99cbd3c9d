#!/usr/bin/env bash
# lib.pullImage: an image of a registry by its digest and the hash of its tar, in the sandbox, and an image on it.
# needs: bimanix services nix-build namespaces
# shellcheck disable=SC2016 # Backticks and ${ } in single quotes are Nix, or words.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"
: "${REGISTRY:?is not set: start this through tests/run}"

mkdir "$scratch/lower"
cp "$repo/args.nix" "$repo/hello.hvt" "$scratch/lower"
ref=$REGISTRY/pulled/base:v1
"$BIMANIX" push "$scratch/lower" "$ref" > /dev/null
digest=$("$BIMANIX" pin "$ref")
digest=${digest##*@}

# evaluate EXPRESSION: with the functions in scope
evaluate() {
  nix-build --no-out-link -E "
    let
      inherit (import $repo/nix/lib { bimanix = $BIMANIX; system = builtins.currentSystem; }) buildImage pullImage;
    in
    $1"
}

# pull HASH [MORE]: the image
pull() {
  evaluate "pullImage { ref = \"$ref\"; digest = \"$digest\"; hash = \"$1\"; ${2-} }"
}

refuses 'an empty hash is one that Nix has to say' 'got:    sha256-' -- pull ''
hash=$({ pull '' 2>&1 || true; } | sed -n 's/.*got: *\(sha256-[^ ]*\).*/\1/p')
refuses 'another hash' 'hash mismatch' "got:    $hash" -- pull sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
image=$(pull "$hash")
ok 'the hash that Nix says is that of the tar'
equal 'it is called after the reference' base-v1.tar "$(basename "$image" | cut -d - -f 2-)"
tar -xf "$image" -C "$scratch" index.json
equal 'the manifest is the one of the registry' "$digest" "$(jq -r '.manifests[0].digest' "$scratch/index.json")"

# Again, from nothing: the same bytes, or Nix would refuse them.
quietly nix-store --delete "$image" > /dev/null
equal 'the same bytes again' "$image" "$(pull "$hash")"

upper="name = \"upper\"; annotations = { unikernelType = \"rumprun\"; hypervisor = \"hvt\"; cmdline = \"x\";
  binary = \"/unikernel/hello.hvt\"; };"
built=$(evaluate "buildImage { $upper base = pullImage { ref = \"$ref\"; digest = \"$digest\"; hash = \"$hash\"; }; }")
echo "{ $upper base = \"$ref@$digest\"; }" > "$scratch/upper.nix"
"$BIMANIX" build "$scratch/upper.nix" -o "$scratch/by-hand.tar" > /dev/null
same_bytes 'an image on it, as without Nix' "$scratch/by-hand.tar" "$built"

quietly nix-store --delete "$built" "$image" > /dev/null
zeros=sha256:$(printf '0%.0s' {1..64})
known=$digest
digest=$zeros
refuses 'a digest that the registry does not have' 'error[registry/missing]' "$zeros" -- pull "$hash"
digest=$known
refuses 'a platform that it is not for' 'has no image for linux/arm64' -- pull "$hash" 'platform = "linux/arm64";'
refuses 'certificates that are none' 'cannot read certificates' -- pull "$hash" "cacert = $repo/args.nix;"
refuses 'an attribute that it does not have' 'unexpected argument' -- pull "$hash" 'tls = false;'

done_testing
