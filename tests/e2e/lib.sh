# What the end-to-end tests share; tests/run starts them and sets the variables used here.
# shellcheck shell=bash
set -euo pipefail

# mkfifo, image blobs and umask tests should not depend on the caller's settings.
umask 0022
export LC_ALL=C.UTF-8

# Daemons and container tools leave keys, locks and caches in system folders even when their roots
# are elsewhere. In a mount namespace of their own those folders are empty and vanish with them, as
# do all mounts they make.
isolated=(
  unshare --mount -- bash -c '
    for dir in /run /dev/shm /etc/docker /var/lib/containers; do
      [ -d "$dir" ] || continue
      mount -t tmpfs -o mode=755 bimanix-tests "$dir"
    done
    exec "$@"' isolated
)

# The checks below go on after a failure, so that one run shows every problem, and keep count in
# files, since a check may run in a subshell.
begin() {
  : "${BIMANIX:?is not set: start this through tests/run}"
  repo=$(cd "$(dirname "${BASH_SOURCE[1]}")/../.." && pwd)
  work=$(mktemp -d)
  work=$(cd "$work" && pwd -P)
  chmod 0755 "$work"
  held=$work.held
  broken=$work.broken
  : >"$held"
  : >"$broken"
  cleanups=()
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# Registers a command line to be run at the end, the newest first.
later() {
  cleanups=("$*" "${cleanups[@]+"${cleanups[@]}"}")
}

finish() {
  local status=$?
  trap - EXIT
  set +e
  local cleanup
  for cleanup in "${cleanups[@]+"${cleanups[@]}"}"; do
    eval "$cleanup"
  done
  rm -rf "$work"
  local good bad
  good=$(wc -l <"$held")
  bad=$(wc -l <"$broken")
  rm -f "$held" "$broken"
  printf '%d checks held, %d did not; status %d\n' "$good" "$bad" "$status"
  if [ "$bad" -gt 0 ] || [ "$good" -eq 0 ]; then
    [ "$status" -ne 0 ] || status=1
  fi
  exit "$status"
}

pass() {
  echo "$1" >>"$held"
  printf 'ok: %s\n' "$1"
}

fail() {
  echo "$1" >>"$broken"
  printf 'FAILED: %s\n' "$1"
  shift
  local line
  for line in "$@"; do
    printf '  %s\n' "${line//$'\n'/$'\n      '}"
  done
}

# same WHAT EXPECTED FOUND
same() {
  if [ "$2" == "$3" ]; then
    pass "$1"
  else
    fail "$1" "expected: $2" "found:    $3"
  fi
}

# contains WHAT NEEDLE TEXT
contains() {
  if [[ $3 == *"$2"* ]]; then
    pass "$1"
  else
    fail "$1" "expected in it: $2" "found:          $3"
  fi
}

# lacks WHAT NEEDLE TEXT
lacks() {
  if [[ $3 != *"$2"* ]]; then
    pass "$1"
  else
    fail "$1" "expected without: $2" "found:            $3"
  fi
}

# same_bytes WHAT FILE FILE
same_bytes() {
  local difference
  if difference=$(cmp -- "$2" "$3" 2>&1); then
    pass "$1"
  else
    fail "$1" "expected: the same bytes" "found:    $difference"
  fi
}

# succeeds WHAT COMMAND…; the standard output is left in $out, both outputs in the log on failure.
succeeds() {
  local what=$1 status=0
  shift
  out=$("$@" 2>"$work.stderr") || status=$?
  if [ "$status" -eq 0 ]; then
    pass "$what"
  else
    fail "$what" "command:  $*" "expected: exit code 0" "found:    $status" \
      "stdout:   $out" "stderr:   $(cat "$work.stderr")"
  fi
  rm -f "$work.stderr"
  return 0
}

# opened PATTERN PID: waits until a process has a file open whose path matches, or the one with that number ends.
opened() {
  until [ -n "$(find /proc/[0-9]*/fd -lname "$1" 2>/dev/null)" ]; do
    kill -0 "$2" 2>/dev/null || break
    sleep 0.01
  done
}

sha256() {
  sha256sum -- "$1" | cut -d ' ' -f 1
}

docker() {
  "$DOCKER" "$@"
}

podman() {
  "${isolated[@]}" podman --root "$PODMAN_DIR/root" --runroot "$PODMAN_DIR/runroot" \
    --storage-driver vfs "$@"
}

skopeo() {
  "${isolated[@]}" skopeo "$@"
}

# unpack IMAGE FOLDER: the image's tar as an OCI layout; sets what the rest compares with.
unpack() {
  mkdir -p "$2"
  tar -xf "$1" -C "$2"
  layout=$2
  manifest_digest=$(jq -r '.manifests[0].digest' "$layout/index.json")
  manifest=$(blob "$manifest_digest")
  config_digest=$(jq -r '.config.digest' "$manifest")
  config=$(blob "$config_digest")
  layer_digests=$(jq -c '[.layers[].digest]' "$manifest")
  diff_ids=$(jq -c '.rootfs.diff_ids' "$config")
  image_name=$(jq -r '.manifests[0].annotations["io.containerd.image.name"]' "$layout/index.json")
}

# The path of a blob in the unpacked image.
blob() {
  printf '%s/blobs/%s\n' "$layout" "${1/://}"
}
