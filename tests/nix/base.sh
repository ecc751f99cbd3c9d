#!/usr/bin/env bash
# An image that is built on another one: Nix finds the base and puts it into the store, whichever way it is named, and
# the bytes are those of `bimanix build`.
# needs: bimanix nix-build namespaces
# shellcheck disable=SC2016 # Backticks and ${ } in single quotes are Nix, or words.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"

project=$scratch/project
mkdir -p "$project" "$scratch/lower"
cp "$repo/args.nix" "$repo/hello.hvt" "$scratch/lower"
"$BIMANIX" build "$scratch/lower" -o "$project/base.tar" > /dev/null
"$BIMANIX" build "$scratch/lower" --format layout -o "$project/layout" > /dev/null
echo other > "$project/unrelated"

# args BASE [FILES [HEAD]]: an args.nix built on this
args() {
  cat > "$project/args.nix" <<END
${3-}
{
  name = "upper";
  base = $1;
  files = {
    motd = { path = "/etc/motd"; text = "hello\n"; };
    ${2-}
  };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/hello.hvt";
    cmdline = "upper";
  };
}
END
}

# build ARG...: the image by Nix
build() {
  nix-build "$repo/default.nix" --arg bimanix "$BIMANIX" --arg argsFile "$project" --no-out-link "$@"
}

args ./base.tar
first=$(build)
"$BIMANIX" build "$project" -o "$scratch/by-hand.tar" > /dev/null
same_bytes 'a path' "$scratch/by-hand.tar" "$first"
tar -xf "$first" -C "$scratch" manifest.json
tar -xf "$project/base.tar" -C "$scratch/lower" manifest.json
equal 'the layers of the base are in it, first' \
  "$(jq -c '.[0].Layers' "$scratch/lower/manifest.json")" \
  "$(jq -c --slurpfile base "$scratch/lower/manifest.json" \
    '.[0].Layers[:($base[0][0].Layers | length)]' "$scratch/manifest.json")"

for base in '"./base.tar"' "\"$project/base.tar\"" "$project/base.tar" '"${./base.tar}"' './. + "/base.tar"' \
  '{ image = ./base.tar; }' '{ image = ./base.tar; platform = "linux/amd64"; }' '"./layout"' './layout'; do
  args "$base"
  same_bytes "$base" "$first" "$(build)"
done

args ./base.tar
drv() {
  nix-instantiate "$repo/default.nix" --arg bimanix "$BIMANIX" --arg argsFile "$project"
}
before=$(drv)
echo changed > "$project/unrelated"
equal 'a file that is not named rebuilds nothing' "$before" "$(drv)"

commands=$(build -A stream)
quietly nix-store --add-root "$scratch/kept" --indirect --realise "$commands" > /dev/null
quietly nix-store --gc > /dev/null
"$commands/bin/stream-upper" > "$scratch/stream.tar"
same_bytes 'stream: the base stays as long as it does' "$scratch/by-hand.tar" "$scratch/stream.tar"
first=$scratch/by-hand.tar

# A base that has to be built first: as the value of an argument, and in a set.
# expression ARGUMENT: the image that buildImage makes of it
expression() {
  nix-build --no-out-link -E "
    let
      inherit (import $repo/nix/lib { bimanix = $BIMANIX; system = builtins.currentSystem; }) buildImage;
      lower = buildImage $scratch/lower;
    in
    buildImage $1"
}
args base '' '{ base ? "harbor.io/x/base@sha256:0000000000000000000000000000000000000000000000000000000000000000" }:'
same_bytes 'a derivation, as an argument of args.nix' "$first" \
  "$(expression "{ argsFile = $project; arguments.base = lower; }")"
same_bytes 'a derivation and a platform' "$first" \
  "$(expression "{ argsFile = $project; arguments.base = { image = lower; platform = \"linux/amd64\"; }; }")"
same_bytes 'a derivation, in a set' "$first" \
  "$(expression "(import $project/args.nix { base = lower; })")"
refuses 'a reference, which would have to be pulled' \
  'harbor.io/x/base@sha256:00' 'would have to be pulled' 'lib.pullImage' '--> args.nix:4:10' -- build

args ./base.tar 'kernel = { path = "/other"; image = ./base.tar; source = "/unikernel/hello.hvt"; mode = "0600"; };'
"$BIMANIX" build "$project" -o "$scratch/with-file.tar" > /dev/null
same_bytes 'a file of an image' "$scratch/with-file.tar" "$(build)"
refuses 'a file of a registry' 'builder/reference' 'args.nix:7:9' -- \
  eval 'args ./base.tar "x = { path = \"/x\"; image = \"harbor.io/x\"; };"; build'

args ./none.tar
refuses 'a base that is not there' "buildImage: base: there is no $project/none.tar" 'git add' -- build
args ./hello.hvt
cp "$repo/hello.hvt" "$project"
refuses 'a base that is no image' 'args.nix:4:10' -- build
args '{ image = ./base.tar; platform = "linux/s390x"; }'
refuses 'a platform that the base is not for' 'recipe/platform' 'args.nix:4:' -- build
args 'if builtins.storeDir == "/nix/store" then "harbor.io/x" else ./base.tar'
refuses 'a base on which Nix and bimanix disagree' 'builder/disagreement' '`base`' -- build

done_testing
