#!/usr/bin/env bash
# The same project gives the same bytes, whatever surrounds the build.
# needs: bimanix root jq openssl python3
source "$(dirname "$0")/lib.sh"
begin
unset SOURCE_DATE_EPOCH

# project FOLDER ORDER: the files are the same each time; the order in which they enter their
# folders is not.
zeros=00000000000000000000000000000000
names=(alpha 'b c' Delta_ éclair z0 9 nested/one nested/Two)
project() {
  local name
  mkdir -p "$1/tree"
  while read -r name; do
    mkdir -p "$(dirname "$1/tree/$name")"
    printf 'this is %s\n' "$name" >"$1/tree/$name"
  done < <(printf '%s\n' "${names[@]}" | sort "$2")
  ln -s nested/one "$1/tree/link"
  printf '#!/bin/sh\n' >"$1/run.sh"
  chmod 0755 "$1/run.sh"
  cp "$repo/examples/hello-qemu/hello.elf" "$1/kernel"
  # Larger than any buffer, so that splitting it over two cores has something to split.
  head -c 9000000 /dev/zero | openssl enc -aes-128-ctr -nosalt -K "$zeros" -iv "$zeros" >"$1/disk"
  cat >"$1/args.nix" <<'NIX'
{
  name = "example.org/repro";
  files = {
    "tree" = "/data/";
    "run.sh" = "/bin/run.sh";
    "kernel" = "/unikernel/kernel";
    "disk" = "/unikernel/disk";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
NIX
}

first=$work/first
project "$first" --ignore-case
reference=$work/reference
succeeds "build" "$BIMANIX" build "$first" -o "$reference"

# alike WHAT COMMAND…: the command builds into $work/again.
alike() {
  local what=$1
  shift
  rm -f "$work/again"
  succeeds "$what: build" "$@"
  same_bytes "$what: the same bytes" "$reference" "$work/again"
}
build=("$BIMANIX" build "$first" -o "$work/again")

alike "a second time" "${build[@]}"
for mask in 0000 0022 0077; do
  alike "umask $mask" bash -c 'umask "$0"; exec "$@"' "$mask" "${build[@]}"
done
for zone in UTC Pacific/Kiritimati EST5EDT,M3.2.0,M11.1.0; do
  alike "TZ=$zone" env TZ="$zone" "${build[@]}"
done
for locale in C C.UTF-8 tr_TR.UTF-8; do
  alike "LANG=$locale" env -u LC_ALL LANG="$locale" "${build[@]}"
  alike "LC_ALL=$locale" env LC_ALL="$locale" "${build[@]}"
done
alike "without HOME" env -u HOME "${build[@]}"
alike "with no environment at all" env -i "${build[@]}"

read -r -a cores < <(python3 -c 'import os; print(*sorted(os.sched_getaffinity(0)))')
alike "one core" taskset -c "${cores[0]}" "${build[@]}"
if [ "${#cores[@]}" -gt 1 ]; then
  alike "two cores" taskset -c "${cores[0]},${cores[1]}" "${build[@]}"
fi

alike "FILE absolute" "$BIMANIX" build "$first/args.nix" -o "$work/again"
alike "FILE relative" bash -c 'cd "$1" && exec "$0" build first/args.nix -o again' "$BIMANIX" "$work"
alike "FILE is a folder, relative" \
  bash -c 'cd "$1" && exec "$0" build first -o again' "$BIMANIX" "$work"
alike "FILE left out" bash -c 'cd "$1" && exec "$0" build -o ../again' "$BIMANIX" "$first"
alike "FILE from below" \
  bash -c 'cd "$1" && exec "$0" build ../../args.nix -o "$2"' "$BIMANIX" "$first/tree/nested" "$work/again"
ln -s first "$work/alias"
alike "FILE through a symlink" "$BIMANIX" build "$work/alias" -o "$work/again"
alike "the output through a pipe" \
  bash -c '"$0" build "$1" -o - | cat >"$2"' "$BIMANIX" "$first" "$work/again"
alike "the default output" \
  bash -c 'cd "$1" && "$0" build && mv result ../again' "$BIMANIX" "$first"

find "$first" -exec touch --no-dereference --date 2001-02-03T04:05:06Z {} +
alike "old modification times" "${build[@]}"
find "$first" -exec touch --no-dereference --date 2099-12-31T23:59:59.123456789Z {} +
alike "modification times to come" "${build[@]}"
find "$first" ! -type l ! -perm -u+x -exec chmod 0400 {} +
find "$first" ! -type l -perm -u+x -exec chmod 0700 {} +
alike "narrow modes" "${build[@]}"
chown -R --no-dereference 12345:54321 "$first"
alike "another owner" "${build[@]}"

second=$work/a\ place/with\ ümlaut/second
project "$second" --reverse
alike "a copy elsewhere, made in the opposite order" "$BIMANIX" build "$second" -o "$work/again"
(
  umask 0077
  project "$work/third" --reverse
)
alike "a copy made under umask 0077" "$BIMANIX" build "$work/third" -o "$work/again"
mkdir "$work/memory"
mount -t tmpfs bimanix-tests "$work/memory"
later "umount '$work/memory'"
project "$work/memory/fourth" --reverse
alike "a copy on another file system" "$BIMANIX" build "$work/memory/fourth" -o "$work/again"

# times IMAGE: each distinct time in the image, the config's and those in the layers.
times() {
  local folder digest
  folder=$(mktemp -d -p "$work")
  unpack "$1" "$folder"
  jq -r .created "$config"
  for digest in $(jq -r '.[]' <<<"$layer_digests"); do
    python3 -c '
import sys, tarfile
for member in tarfile.open(sys.argv[1]):
    print(int(member.mtime))' "$(blob "$digest")"
  done | sort -u
}

same "times without SOURCE_DATE_EPOCH" $'1970-01-01T00:00:00Z\n0' "$(times "$reference")"
succeeds "build with SOURCE_DATE_EPOCH" env SOURCE_DATE_EPOCH=1700000000 "${build[@]}"
same "times with SOURCE_DATE_EPOCH" $'2023-11-14T22:13:20Z\n1700000000' "$(times "$work/again")"
cp "$work/again" "$work/dated"
succeeds "build with SOURCE_DATE_EPOCH, elsewhere" env TZ=Pacific/Kiritimati \
  SOURCE_DATE_EPOCH=1700000000 "$BIMANIX" build "$second" -o "$work/again"
same_bytes "SOURCE_DATE_EPOCH: the same bytes" "$work/dated" "$work/again"
