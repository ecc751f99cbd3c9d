#!/usr/bin/env bash
# The image of the frontend, built by Nix: the same as that of the command.
# needs: build cc bimanix nix-build namespaces
set -euo pipefail
if [ "${1-}" == build ]; then
  exec "$(dirname "$0")/../e2e/buildkit.sh" build
fi
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"

trial=$(dirname "$(dirname "$BIMANIX")")/trial/bimanix
mkdir -p "$scratch/package/bin"
cp "$trial" "$scratch/package/bin/bimanix"
built=$(nix-build --no-out-link "$repo/nix/frontend.nix" --arg bimanix "$scratch/package")
equal 'it is called after what it is' bimanix-frontend.tar "$(basename "$built" | cut -d - -f 2-)"
"$trial" frontend --image "$scratch/by-hand.tar" > /dev/null
same_bytes 'the command writes the same bytes' "$scratch/by-hand.tar" "$built"

done_testing
