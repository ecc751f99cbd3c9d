#!/usr/bin/env bash
# The commands of the README that compile, in a clean clone: the two at its top, and those under Install.
# needs: bimanix build git namespaces readelf
#
# The clone has the files that git knows, as they are, and is seen in the place of the working tree, so that cargo
# takes what is compiled of the same files: it compiles only where they are not enough.
source "$(dirname "$0")/lib.sh"
repo=$(cd "$(dirname "$0")/../.." && pwd -P)
clone=${TMPDIR:?is not set: start this through tests/run}/clone

# The flags of the README's line, for all of its lines.
readarray -t lines < <("$repo/tests/runner/readme" sh Install)
static=$(printf '%s\n' "${lines[@]}" | grep crt-static)
eval "export ${static%% cargo *}"
CARGO_BUILD_TARGET=$(rustc --print host-tuple)
# All is there: `cargo install` would look for news, and a network may not be.
CARGO_NET_OFFLINE=true
export CARGO_BUILD_TARGET CARGO_NET_OFFLINE

root=()
[ "$EUID" -eq 0 ] || root=(--map-root-user)
# in_clone TEXT: what is typed into a shell there.
in_clone() {
  unshare "${root[@]}" --mount -- bash -c '
    [ ! -d "$1/target" ] || mount --bind "$1/target" "$0/target"
    mount --rbind "$0" "$1" && cd "$1" && eval "$2"' "$clone" "$repo" "$1"
}

if [ "${1-}" == build ]; then
  mkdir -p "$clone/target"
  cd "$repo"
  git ls-files -z | while IFS= read -r -d '' file; do
    [ ! -e "$file" ] || printf '%s\0' "$file"
  done | tar --create --null --files-from=- | tar --extract --preserve-permissions -C "$clone"
  in_clone 'cargo build --release'
  exit
fi

begin
succeeds "the image of this tree" "$BIMANIX" build "$repo" -o "$work/image"

readarray -t first < <("$repo/tests/runner/readme" console | head -n 2 | sed 's/^\$ //; s/ *#.*//')
same "the first two commands" "cargo run --release -- build
./tests/run" "$(printf '%s\n' "${first[@]}")"
succeeds "${first[0]}" in_clone "${first[0]}"
same_bytes "it makes the image" "$work/image" "$clone/result"
# All of it would come back here.
succeeds "${first[1]} fmt build" in_clone "${first[1]} fmt build"
same "it counts" "2 passed, 0 failed" "$(tail -n 1 <<<"$out")"

version=$("$BIMANIX" --version)
for line in "${lines[@]}"; do
  CARGO_INSTALL_ROOT=$work/installed succeeds "$line" in_clone "$line"
done
same "the installed one runs" "$version" "$("$work/installed/bin/bimanix" --version)"
built=\${CARGO_TARGET_DIR:-target}/$CARGO_BUILD_TARGET/release/bimanix
same "the static one is where the README says, and is what these tests run" "$(sha256 "$BIMANIX")" \
  "$(in_clone "sha256sum $built" | cut -d ' ' -f 1)"
headers=$(in_clone "LC_ALL=C readelf --program-headers --wide $built")
contains "it is a program" LOAD "$headers"
lacks "it is static" interpreter "$headers"
