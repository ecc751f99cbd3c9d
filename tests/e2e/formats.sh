#!/usr/bin/env bash
# Initrds and block images as Debian's tools make them are described as what they are.
# needs: bimanix jq bzip2 cpio genisoimage lz4 lzma lzop mke2fs mkfs.fat mksquashfs qemu-img sfdisk xz zstd
source "$(dirname "$0")/lib.sh"
begin

mkdir "$work/project" "$work/root"
echo hello >"$work/root/hello"
# The setup header of a 64-bit bzImage, which is all that anybody looks at here.
truncate -s 2048 "$work/project/kernel"
while read -r offset bytes; do
  # shellcheck disable=SC2059 # the bytes are the format
  printf "$bytes" | dd of="$work/project/kernel" bs=1 seek="$offset" conv=notrunc status=none
done <<'H'
497 \001
510 \125\252
514 HdrS\017\002
566 \001
H

# describes WHAT ANNOTATION EXPECTED: what `inspect` says of the file in the project.
describes() {
  local what=$1 key=$2 expected=$3 mount=
  [ "$key" != block ] || mount='blkMntPoint = "/";'
  cat >"$work/project/args.nix" <<N
{
  name = "formats";
  allow = [ "unikernel/block-format" "unikernel/initrd-format" ];
  files = { "kernel" = "/boot/kernel"; "file" = "/boot/file"; };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/boot/kernel";
    cmdline = "/init";
    $key = "/boot/file";
    $mount
  };
}
N
  succeeds "build with $what" "$BIMANIX" build "$work/project" -o "$work/result"
  local found
  # Monitors are told that every disk is raw, so a qcow2 is refused, and described all the same.
  found=$("$BIMANIX" inspect --json "$work/result" | jq -r '.bootFiles[1].facts.format') || true
  same "$what" "$expected" "$found"
  rm "$work/project/file"
}

cpio_of() {
  (cd "$work/root" && find . | LC_ALL=C sort | cpio --quiet -o -H "$1")
}

cpio_of newc >"$work/newc"
for format in newc crc odc bin; do
  cpio_of "$format" >"$work/project/file"
  case $format in
    newc) describes "$format" initrd "newc cpio archive" ;;
    crc) describes "$format" initrd "newc cpio archive with checksums" ;;
    odc) describes "$format" initrd "odc cpio archive" ;;
    bin) describes "$format" initrd "binary cpio archive" ;;
  esac
done
for packer in gzip xz bzip2 lzma zstd "lz4 -l" lz4 lzop; do
  $packer -c <"$work/newc" >"$work/project/file"
  case $packer in
    "lz4 -l") expected="lz4 (legacy)-compressed archive" ;;
    *) expected="$packer-compressed archive" ;;
  esac
  describes "$packer" initrd "$expected"
done
{ cat "$work/newc" && gzip -c <"$work/newc"; } >"$work/project/file"
describes "microcode in front" initrd "newc cpio archive, then gzip-compressed archive"

blank() {
  rm -f "$work/project/file"
  truncate -s "$1" "$work/project/file"
}
for format in ext2 ext3 ext4; do
  blank 16M
  mke2fs -q -t "$format" "$work/project/file"
  describes "$format" block "$format"
done
for bits in 12 16 32; do
  blank 64M
  mkfs.fat -F "$bits" "$work/project/file" >/dev/null
  describes "FAT$bits" block "FAT$bits"
done
rm -f "$work/project/file"
mksquashfs "$work/root" "$work/project/file" -quiet -no-progress >/dev/null
describes squashfs block squashfs
genisoimage -quiet -o "$work/project/file" "$work/root"
describes ISO block "ISO 9660"
qemu-img create -q -f qcow2 "$work/project/file" 16M
describes qcow2 block qcow2
blank 16M
printf 'label: gpt\n,,L\n' | sfdisk --quiet "$work/project/file"
describes GPT block "GPT partition table"
blank 16M
printf 'label: dos\n,,L\n' | sfdisk --quiet "$work/project/file"
describes MBR block "MBR partition table"
