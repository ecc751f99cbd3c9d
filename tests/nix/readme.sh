#!/usr/bin/env bash
# The Nix commands and files of the README, as they stand there.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"
: "${DOCKER:?is not set: start this through tests/run}" "${REGISTRY:?}"

# blocks LANGUAGE: the fenced blocks of the README in that language
blocks() {
  awk -v fence='```'"$1" '$0 == fence { block = 1; next } /^```/ { block = 0 } block' "$repo/README.md"
}

project=$scratch/project
copy_project "$project"
copy_nixpkgs "$scratch/nixpkgs"
cd "$project"
"$BIMANIX" build -o "$scratch/by-hand.tar" > /dev/null

readarray -t commands < <(blocks sh | grep -E '^(NIX_PATH= )?nix(-build| build) ')
equal 'there are four commands' 4 "${#commands[@]}"
for command in "${commands[@]}"; do
  command=${command%%  *}
  rm -f result
  case $command in
    'NIX_PATH= '*)
      # The pin is fetched, which goes nowhere here; that it is asked for is all that can be seen.
      refuses "$command" github.com/NixOS/nixpkgs -- env NIX_CONFIG="$NIX_CONFIG
connect-timeout = 1
download-attempts = 1" NIX_PATH= ${command#NIX_PATH= }
      continue
      ;;
    'nix build '*) command+=" --no-write-lock-file --override-input nixpkgs path:$scratch/nixpkgs" ;;
    *'/path/to/static/bimanix') command=${command/\/path\/to\/static\/bimanix/$BIMANIX} ;;
    *) export NIX_PATH=nixpkgs=$scratch/nixpkgs ;;
  esac
  $command > /dev/null
  unset NIX_PATH
  same_bytes "$command" "$scratch/by-hand.tar" result
done

# The programs, with the engine of these tests and their registry.
mkdir "$scratch/bin"
ln -s "$DOCKER" "$scratch/bin/docker"
tar -xf "$scratch/by-hand.tar" -C "$scratch" index.json manifest.json
config=sha256:$(jq -r '.[0].Config' "$scratch/manifest.json" | sed 's|.*/||')
manifest=$(jq -r '.manifests[0].digest' "$scratch/index.json")
readarray -t commands < <(blocks sh | grep '^nix run ')
equal 'there are four of them' 4 "${#commands[@]}"
for command in "${commands[@]}"; do
  shown=${command%%  *}
  command=${shown/registry.example/$REGISTRY}
  case $command in
    'nix run -f '*) export NIX_PATH=nixpkgs=$scratch/nixpkgs ;;
    *) command=${command/nix run/nix run --no-write-lock-file --override-input nixpkgs path:$scratch/nixpkgs} ;;
  esac
  (PATH=$scratch/bin:$PATH && eval "quietly ${command/nix run/command nix run}") > /dev/null
  unset NIX_PATH
  case $command in
    *load*)
      equal "$shown" "$config" "$("$DOCKER" image inspect --format '{{.Id}}' hello-rumprun:latest)"
      "$DOCKER" image rm hello-rumprun:latest > /dev/null
      ;;
    *push*)
      equal "$shown" "$manifest" \
        "$(skopeo inspect --tls-verify=false "docker://$REGISTRY/hello:v1" | jq -r .Digest)"
      ;;
    *) same_bytes "$shown" "$scratch/by-hand.tar" hello.tar ;;
  esac
done

# The first file is an args.nix, the second a flake beside a kernel.nix.
blocks nix | awk '/^\{$/ { part += 1 } { print > (part == 1 ? "'"$scratch"'/args.nix" : "'"$scratch"'/flake.nix") }'
mkdir "$scratch/first"
cp "$scratch/args.nix" hello.hvt "$scratch/first"
"$BIMANIX" build "$scratch/first" -o "$scratch/first.tar" > /dev/null
same_bytes 'the first args.nix is that of the root' "$scratch/by-hand.tar" "$scratch/first.tar"

mkdir "$scratch/other"
cd "$scratch/other"
cp "$scratch/flake.nix" .
cat > kernel.nix <<END
{ }:
derivation {
  name = "kernel";
  system = builtins.currentSystem or "x86_64-linux";
  builder = $project/hello.hvt;
}
// {
  # What a kernel's derivation puts into the store, without a compiler to make it.
  outPath = builtins.path { path = ./kernel; name = "kernel"; };
}
END
mkdir kernel
cp "$repo/examples/hello-qemu/hello.elf" kernel/kernel
nix build --impure --no-write-lock-file --out-link image \
  --override-input bimanix "path:$project" --override-input bimanix/nixpkgs "path:$scratch/nixpkgs" \
  --override-input nixpkgs "path:$scratch/nixpkgs" > /dev/null
"$BIMANIX" inspect image > "$scratch/summary"
grep -q '/unikernel/kernel' "$scratch/summary" || fail "the flake's image holds no kernel"
ok 'the flake'

done_testing
