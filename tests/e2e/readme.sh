#!/usr/bin/env bash
# The commands of the README that need an engine, as they stand there: each line of its `sh` blocks that
# begins with an engine's client, with the registry's name replaced.
# needs: bimanix services git
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
begin

git -C "$repo" archive --format=tar HEAD args.nix hello.hvt | tar -x -C "$work"
cd "$work"
succeeds "bimanix build" "$BIMANIX" build

# Those about `docker build` are in buildkit.sh.
readarray -t lines < <("$repo/tests/runner/readme" sh | grep -E '^(docker|ctr|podman|skopeo) ' |
  grep -vxF -f <("$repo/tests/runner/readme" sh "With docker build"))
same "there is a line for each engine" "ctr docker podman skopeo" \
  "$(printf '%s\n' "${lines[@]%% *}" | sort -u | paste -sd ' ')"
docker() {
  "$DOCKER" "$@"
}
for line in "${lines[@]}"; do
  line=${line/registry.example/$REGISTRY}
  # The registry of the tests speaks plain HTTP.
  line=${line/#skopeo copy /skopeo copy --dest-tls-verify=false }
  if eval "$line" >"$work/out" 2>&1; then
    pass "$line"
  else
    fail "$line" "$(cat "$work/out")"
  fi
done
