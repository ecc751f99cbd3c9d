#!/usr/bin/env bash
# Sources and outputs on every file system, and every way to write: the same bytes.
source "$(dirname "$0")/lib.sh"
begin

# project FOLDER: a kernel, files of all sizes, and one with holes.
zeros=00000000000000000000000000000000
noise() {
  head -c "$1" /dev/zero | openssl enc -aes-128-ctr -nosalt -K "$zeros" -iv "$2${zeros:${#2}}"
}
project() {
  local number
  mkdir -p "$1/tree"
  cp "$repo/examples/hello-qemu/hello.elf" "$1/kernel"
  noise 17000000 1 >"$1/large"
  noise 3000000 2 >"$1/tree/middle"
  head -c 5000000 /dev/zero >"$1/tree/zeros"
  truncate -s 30M "$1/holes"
  printf 'in the middle' | dd of="$1/holes" bs=1 seek=12345678 conv=notrunc status=none
  for number in $(seq 300); do
    printf 'file %d\n' "$number" >"$1/tree/$number"
  done
  cat >"$1/args.nix" <<'NIX'
{
  name = "example.org/filesystems";
  files = {
    "kernel" = "/unikernel/kernel";
    "large" = "/data/large";
    "holes" = "/data/holes";
    "tree" = "/data/tree";
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

methods=(none gzip zstd)
project "$work/reference"
declare -A manifests
for method in "${methods[@]}"; do
  succeeds "$method: the reference" \
    "$BIMANIX" build --json --compression "$method" "$work/reference" -o "$work/$method"
  manifests[$method]=$(jq -r .manifest <<<"$out")
done
same "the methods differ" 3 "$(printf '%s\n' "${manifests[@]}" | sort -u | wc -l)"

# alike WHAT FOLDER: what is built from the project there, and written there, in every way.
alike() {
  local what=$1 folder=$2 method
  for method in "${methods[@]}"; do
    succeeds "$what, $method: build" \
      "$BIMANIX" build --compression "$method" "$folder/project" -o "$folder/result"
    same_bytes "$what, $method: the same bytes" "$work/$method" "$folder/result"
    rm "$folder/result"
    "$BIMANIX" build --compression "$method" "$folder/project" -o - >"$folder/streamed" || true
    same_bytes "$what, $method: streamed, the same bytes" "$work/$method" "$folder/streamed"
    rm "$folder/streamed"
    succeeds "$what, $method: build a layout" "$BIMANIX" build --json --compression "$method" \
      --format layout "$folder/project" -o "$folder/layout"
    same "$what, $method: the same digest" "${manifests[$method]}" "$(jq -r .manifest <<<"$out")"
    succeeds "$what, $method: the layout is whole" "$BIMANIX" inspect "$folder/layout"
    succeeds "$what, $method: build it again" "$BIMANIX" build --if-changed --json \
      --compression "$method" --format layout "$folder/project" -o "$folder/layout"
    same "$what, $method: the same digest again" "${manifests[$method]}" "$(jq -r .manifest <<<"$out")"
    rm -r "$folder/layout"
  done
}

# file_system NAME OPTIONS MKFS…: makes one in a file and mounts it.
file_system() {
  local name=$1 options=$2
  shift 2
  mounted=$work/mounted-$name
  mkdir "$mounted"
  truncate -s 512M "$work/$name.img"
  "$@" "$work/$name.img" >"$work/mkfs.log" 2>&1 || cat "$work/mkfs.log"
  mount -o "loop$options" "$work/$name.img" "$mounted"
  later "umount '$mounted'"
  same "$name is mounted" "${name%%-*}" "$(stat -f -c %T "$mounted" | sed 's,ext2/ext3,ext4,')"
  project "$mounted/project"
  alike "$name" "$mounted"
}

file_system ext4 "" mkfs.ext4 -q
# Files in the inodes, and blocks of 1 KiB.
file_system ext4-small "" mkfs.ext4 -q -b 1024 -I 1024 -O inline_data
file_system xfs "" mkfs.xfs -q
# What shares its blocks with another file is read as any other.
cp --reflink=always "$mounted/project/large" "$mounted/shared"
mv "$mounted/shared" "$mounted/project/large"
alike "xfs, shared blocks" "$mounted"
file_system btrfs "" mkfs.btrfs -q
# Compressed files take fewer blocks than they have, and are not sparse for that.
file_system btrfs-compressed ",compress-force=zstd" mkfs.btrfs -q
mkdir "$work/mounted-tmpfs"
mount -t tmpfs bimanix-tests "$work/mounted-tmpfs"
later "umount '$work/mounted-tmpfs'"
project "$work/mounted-tmpfs/project"
alike "tmpfs" "$work/mounted-tmpfs"
# From one to another.
succeeds "from btrfs to tmpfs" \
  "$BIMANIX" build "$work/mounted-btrfs/project" -o "$work/mounted-tmpfs/result"
same_bytes "from btrfs to tmpfs: the same bytes" "$work/none" "$work/mounted-tmpfs/result"
