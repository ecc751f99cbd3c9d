#!/usr/bin/env bash
# `image.stream`, `image.load` and `image.push`: what they run gives the image of the store, and has no copy of it.
# needs: bimanix services nix-build namespaces
# shellcheck disable=SC2016 # Backticks in single quotes are words.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"
: "${DOCKER:?is not set: start this through tests/run}" "${REGISTRY:?}"

# A kernel that is large beside a recipe, and a destination of each form.
project=$scratch/project
copy_project "$project"
cd "$project"
mkdir tree
echo one > tree/one
printf '#!/bin/sh\n' > tree/run
chmod 755 tree/run
head -c 3000000 /dev/urandom > data
cat > args.nix <<END
{
  tag ? "v1",
}:
{
  name = "$REGISTRY/nix/commands";
  inherit tag;
  files = {
    "hello.hvt" = "/unikernel/";
    "tree" = {
      path = "/tree";
      uid = 7;
    };
    "by name" = {
      path = "/data/";
      source = "./data";
    };
  };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/hello.hvt";
    cmdline = "a 'b c' \"d\" \$HOME";
  };
}
END
image=$REGISTRY/nix/commands

# build ATTRIBUTE ARG...
build() {
  nix-build default.nix --arg bimanix "$BIMANIX" --no-out-link -A "$@"
}

commands=$(build stream)
equal 'the three are one package' "$commands $commands" "$(build load) $(build push)"
equal 'the programs are named after the image' \
  "load-commands push-commands stream-commands" "$(ls "$commands/bin" | xargs)"

# Before any tar is in the store.
closure=$(nix-store --query --requisites "$commands")
for path in $closure; do
  [[ $path != *.tar ]] || fail "$path is in the closure"
done
ok 'no tar is in the closure'
for part in hello.hvt tree data; do
  [[ $closure == *-$part* ]] || fail "$part is not in the closure: $closure"
done
ok 'the sources are'
size=$(find "$commands" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }')
((size < 10000)) || fail "the package has $size bytes"
ok "building it writes $size bytes"
quietly nix-store --add-root "$scratch/kept" --indirect --realise "$commands" > /dev/null
quietly nix-store --gc > /dev/null
"$commands/bin/stream-commands" > "$scratch/stream.tar"
ok 'the sources stay as long as it does'

path=$(nix-build default.nix --arg bimanix "$BIMANIX" --no-out-link)
same_bytes 'stream: the bytes of the image in the store' "$path" "$scratch/stream.tar"
(cd / && umask 0 && SOURCE_DATE_EPOCH=77 "$commands/bin/stream-commands" > "$scratch/other.tar")
same_bytes 'whatever the shell around it' "$path" "$scratch/other.tar"
"$commands/bin/stream-commands" --compression zstd > "$scratch/zstd.tar"
"$BIMANIX" build --compression zstd -o "$scratch/by-hand.tar" > /dev/null
same_bytes 'options reach it' "$scratch/by-hand.tar" "$scratch/zstd.tar"

mkdir "$scratch/bin"
ln -s "$DOCKER" "$scratch/bin/docker"
tar -xf "$path" -C "$scratch" index.json manifest.json
config=sha256:$(jq -r '.[0].Config' "$scratch/manifest.json" | sed 's|.*/||')
manifest=$(jq -r '.manifests[0].digest' "$scratch/index.json")
# loaded: the configuration of the image in docker, which then forgets it.
loaded() {
  "$DOCKER" image inspect --format '{{.Id}}' "$image:v1"
  "$DOCKER" image rm "$image:v1" > /dev/null
}
# digest REF: what the registry has.
digest() {
  quietly skopeo inspect --tls-verify=false "docker://$1" | jq -r .Digest
}
PATH=$scratch/bin:$PATH quietly "$commands/bin/load-commands" --into docker > /dev/null
equal 'load: docker has it' "$config" "$(loaded)"
refuses 'load without an engine' '--into' -- "$commands/bin/load-commands"
quietly "$commands/bin/push-commands" > /dev/null
equal 'push: to where its name says' "$manifest" "$(digest "$image:v1")"
quietly "$commands/bin/push-commands" "$REGISTRY/nix/other:x" > /dev/null
equal 'push: to another place' "$manifest" "$(digest "$REGISTRY/nix/other:x")"

# With a package as bimanix, with arguments, and as a flake.
copy_nixpkgs "$scratch/nixpkgs"
export NIX_PATH=nixpkgs=$scratch/nixpkgs
dev=$(nix-build default.nix --no-out-link -A stream --arg arguments '{ tag = "dev"; }')
"$dev/bin/stream-commands" > "$scratch/dev.tar"
same_bytes 'arguments' "$scratch/dev.tar" \
  "$(nix-build default.nix --no-out-link --arg arguments '{ tag = "dev"; }')"
nix run -f default.nix stream > "$scratch/run.tar"
same_bytes 'nix run -f default.nix stream' "$path" "$scratch/run.tar"
offline=(--no-write-lock-file --override-input nixpkgs "path:$scratch/nixpkgs")
for attribute in stream image.stream; do
  nix run "path:$project#$attribute" "${offline[@]}" > "$scratch/run.tar"
  same_bytes "nix run .#$attribute" "$path" "$scratch/run.tar"
done
nix run "path:$project#push" "${offline[@]}" -- --json > "$scratch/pushed.json"
equal 'nix run .#push: everything is there' 0 "$(jq .sentBlobs "$scratch/pushed.json")"
PATH=$scratch/bin:$PATH nix run "path:$project#load" "${offline[@]}" -- --into docker > /dev/null
equal 'nix run .#load' "$config" "$(loaded)"

# What urunc would refuse, the build refuses: running it is too late.
sed -i 's/hypervisor = "hvt"/hypervisor = "hvtt"/' args.nix
refuses 'a recipe with a mistake' 'hvtt' 'args.nix:' -- build push

done_testing
