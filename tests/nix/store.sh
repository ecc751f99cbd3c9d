#!/usr/bin/env bash
# `bimanix build --store`: the image in the store, kept alive by `result`.
# needs: bimanix nix-build namespaces
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"

project=$scratch/project
mkdir "$project"
cp "$repo/args.nix" "$repo/hello.hvt" "$project"
cd "$project"
"$BIMANIX" build > /dev/null
cp result "$scratch/by-hand.tar"

# A plain build has left a file there.
quietly "$BIMANIX" build --store > /dev/null
[[ -L result ]] || fail 'result is no link'
same_bytes 'the store has the same bytes' "$scratch/by-hand.tar" result
[[ $(readlink result) == "$NIX_STORE_DIR"/*-hello-rumprun-latest.tar ]] || fail "result leads to $(readlink result)"
ok 'it is named after the image'
quietly nix-store --gc > /dev/null
same_bytes 'it is kept alive' "$scratch/by-hand.tar" result
quietly "$BIMANIX" build --store > /dev/null
ok 'it can be built again'

rm result
mkdir result
refuses 'a folder in the way' result -- "$BIMANIX" build --store

done_testing
