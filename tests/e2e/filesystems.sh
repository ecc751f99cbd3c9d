#!/usr/bin/env bash
# Sources and outputs on every file system, and every way to write: the same bytes.
# needs: bimanix root jq openssl strace mke2fs mkfs.xfs mkfs.btrfs alone
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
file_system xfs "" mkfs.xfs -q -m bigtime=0
# What shares its blocks with another file is read as any other.
cp --reflink=always "$mounted/project/large" "$mounted/shared"
mv "$mounted/shared" "$mounted/project/large"
alike "xfs, shared blocks" "$mounted"

# Files that have been on the disk for long share their blocks with the image. Nothing but a debugger makes them
# look old: the time of the last change of an inode cannot be set.
declare -A inodes
for file in large tree/middle; do
  inodes[$file]=$(stat -c %i "$mounted/project/$file")
done
before=$(stat -c %b "$mounted/project/large")
umount "$mounted"
for file in "${!inodes[@]}"; do
  xfs_db -x -c "inode ${inodes[$file]}" -c "write core.ctime.sec 1000000000" "$work/xfs.img" >/dev/null
done
mount -o loop "$work/xfs.img" "$mounted"
same "the file looks old" 1970 "$(date -u -d "$(stat -c %z "$mounted/project/large")" +%Y)"
same "it is whole" "$before" "$(stat -c %b "$mounted/project/large")"
alike "xfs, old files" "$mounted"
# shared FILE: how many bytes of it are other files' too.
shared() {
  filefrag -b1 -v "$1" | awk '/shared/ { sub(":", "", $5); sum += $5 } END { print sum + 0 }'
}
succeeds "xfs, old files: build" "$BIMANIX" build "$mounted/project" -o "$mounted/result"
if [ "$(shared "$mounted/result")" -gt 19000000 ]; then
  pass "the image has the blocks of the large files"
else
  fail "the image has the blocks of the large files" "$(filefrag -b1 -v "$mounted/result")"
fi
printf 'x' | dd of="$mounted/project/large" bs=1 seek=5000000 conv=notrunc status=none
same_bytes "the image stays as it is when a file changes" "$work/none" "$mounted/result"
succeeds "build of a young file" "$BIMANIX" build "$mounted/project" -o "$mounted/young"
if [ "$(shared "$mounted/young")" -lt 10000000 ]; then
  pass "a young file is copied, since it may not be on the disk yet"
else
  fail "a young file is copied, since it may not be on the disk yet" "$(filefrag -b1 -v "$mounted/young")"
fi
# What is hashed is what is shared, or there is no image.
status=0
strace -f -qq -o /dev/null --inject=copy_file_range:delay_enter=3000000 \
  "$BIMANIX" build "$mounted/project" -o "$mounted/young" 2>"$work/stderr" >/dev/null &
pid=$!
# It has been looked at when it is open, and is shared three seconds later.
opened "$mounted/project/tree/middle" "$pid"
sleep 0.5
printf 'x' | dd of="$mounted/project/tree/middle" bs=1 seek=7 conv=notrunc status=none
wait "$pid" || status=$?
same "a file that changes behind its sharing: exit code" 3 "$status"
contains "a file that changes behind its sharing: it is named" tree/middle "$(cat "$work/stderr")"
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
