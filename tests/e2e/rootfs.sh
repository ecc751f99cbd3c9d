#!/usr/bin/env bash
# The root file systems that are made for guests: e2fsck finds nothing to mend, this machine's kernel, cpio and bsdcpio
# find in them what was given, Linux boots from them, the same bytes come from the same files, and what cannot be made
# is refused.
# needs: bimanix services apt-get bsdcpio busybox cpio debugfs e2fsck fsck.fat gzip mcopy python3 qemu-system-x86_64 taskset xz zstd
source "$(dirname "$0")/lib.sh"
begin
chmod 0777 "$work"

# What the tests are made with.

# list.py FOLDER: all that is in a folder, a line each: path, type, mode, owner, target or device, the first of its
# names and how many it has, and the digest of its bytes.
cat >"$work/list.py" <<'PY'
import hashlib, json, os, stat, sys

root = os.fsencode(sys.argv[1])
paths = []
for folder, folders, files in os.walk(root):
    paths += [os.path.join(folder, name) for name in folders + files]
first = {}
for path in sorted(paths):
    found = os.lstat(path)
    kind, mode, links = stat.S_IFMT(found.st_mode), stat.S_IMODE(found.st_mode), found.st_nlink
    name = os.fsdecode(os.path.relpath(path, root))
    target = device = digest = None
    if stat.S_ISLNK(kind):
        target = os.fsdecode(os.readlink(path))
        mode = 0o777
    elif stat.S_ISREG(kind):
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest() if found.st_size else "empty"
    elif stat.S_ISCHR(kind) or stat.S_ISBLK(kind):
        device = [os.major(found.st_rdev), os.minor(found.st_rdev)]
    owner = [found.st_uid, found.st_gid]
    # Names of one file are known by its number.
    one = first.setdefault(found.st_ino, name) if stat.S_ISREG(kind) and links > 1 else None
    print(json.dumps([name, oct(kind), oct(mode), owner, target, device, one and [one, links], digest]))
PY

# where.py LAYOUT: the blob that holds /.boot/rootfs, and where in it that begins and how many bytes it has.
cat >"$work/where.py" <<'PY'
import os, sys, tarfile

blobs = os.path.join(sys.argv[1], "blobs/sha256")
for name in os.listdir(blobs):
    path = os.path.join(blobs, name)
    try:
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                if member.name.lstrip("./") == "boot/rootfs":
                    print(path, member.offset_data, member.size)
    except tarfile.ReadError:
        pass
PY

# tars.py FOLDER: the archives that the tests start from.
cat >"$work/tars.py" <<'PY'
import io, os, random, sys, tarfile
from tarfile import BLKTYPE, CHRTYPE, DIRTYPE, FIFOTYPE, LNKTYPE, SYMTYPE

os.chdir(sys.argv[1])
noise = random.Random(7)


def archive(name, members, form=tarfile.GNU_FORMAT):
    with tarfile.open(name, "w", format=form) as out:
        for path, content, more in members:
            member = tarfile.TarInfo(path)
            member.mtime = 1234567890
            member.size = len(content)
            for key, value in more.items():
                setattr(member, key, value)
            out.addfile(member, io.BytesIO(content))


def other(path, kind, **more):
    return path, b"", dict(type=kind, **more)


def file(path, content=b"text\n", mode=0o644, **more):
    return path, content, dict(mode=mode, **more)


def folder(path, mode=0o755, **more):
    return other(path, DIRTYPE, mode=mode, **more)


def symlink(path, target):
    return other(path, SYMTYPE, linkname=target, mode=0o777)


def link(path, target, **more):
    return other(path, LNKTYPE, linkname=target, **more)


def device(path, kind, major, minor, **more):
    return other(path, kind, devmajor=major, devminor=minor, **more)


# What a guest looks at.
data = [
    folder("data"),
    file("data/empty", b""),
    folder("data/empty-folder", 0o700),
    file("data/owned", uid=70000, gid=80000, mode=0o640),
    folder("data/owned-folder", 0o2750, uid=65536, gid=4294967294),
    file("data/suid", b"#!/bin/sh\n", 0o4755),
    file("data/sgid", b"#!/bin/sh\n", 0o2711, gid=5),
    folder("data/sticky", 0o1777),
    file("data/secret", mode=0),
    device("data/null", CHRTYPE, 1, 3, mode=0o666),
    device("data/many", CHRTYPE, 300, 70000, mode=0o600, uid=9),
    device("data/disk", BLKTYPE, 8, 1, mode=0o660, gid=6),
    other("data/fifo", FIFOTYPE, mode=0o622),
    file("data/one", noise.randbytes(10000), 0o600, uid=1),
    link("data/sticky/two", "data/one", mode=0o600, uid=1),
    link("data/zzz", "data/one", mode=0o600, uid=1),
    file("data/void", b""),
    link("data/void-too", "data/void"),
    symlink("data/short", "one"),
    symlink("data/s59", "t" * 59),
    symlink("data/s60", "t" * 60),
    symlink("data/s4095", "/".join(["t" * 15] * 256)),
    file("data/" + "n" * 255),
    file("data/with a blank"),
    file("data/große Äpfel"),
    folder("data/" + "f" * 255),
    file("data/" + "f" * 255 + "/" + "é" * 127 + "x"),
]
# The edges of blocks, of direct blocks, and of indirect ones.
edges = [1, 59, 60, 61, 4095, 4096, 4097, 12 * 4096, 12 * 4096 + 1, 1036 * 4096, 1036 * 4096 + 1]
tree = (
    data
    + [folder("/".join(["deep"] * depth)) for depth in range(1, 101)]
    + [file("/".join(["deep"] * 100) + "/down", b"here\n")]
    + [folder("edges")]
    + [file(f"edges/{size}", noise.randbytes(size)) for size in edges]
    + [folder("lost+found", 0o755, uid=7), file("lost+found/given")]
    + [folder("long")]
    + [file(f"long/{number:0200}", b"%d" % number) for number in range(300)]
)
archive("tree.tar", tree)
with open("/bin/busybox", "rb") as busybox, open("report", "rb") as report:
    bin = [folder("bin"), file("bin/busybox", busybox.read(), 0o755), file("report", report.read())]
archive("guest.tar", bin + [folder(name) for name in ("dev", "proc", "new")] + data)
for count in (32000, 65000, 70000):
    others = [link(f"d/{number:05}", "f") for number in range(count - 1)]
    archive(f"links-{count}.tar", [file("f"), folder("d")] + others)
# What the header of a further name says of the file is nothing to go by.
archive("odd.tar", [file("one", mode=0o600, uid=5), link("two", "one", mode=0o777), link("zzz", "one", uid=6)])
archive("pax.tar", [file("file", uid=3000000, gid=4000000000)], tarfile.PAX_FORMAT)
archive("below.tar", [file("file"), file("file/below"), file("file/folder/below")])
archive("huge-owner.tar", [file("file", uid=5000000000)])
archive("dots.tar", [file("folder/../../file")])
archive("target.tar", [symlink("link", "t" * 5000)])
PY

# What a guest prints of its /data, and what this machine prints of the same files.
cat >"$work/report" <<'SH'
b=/bin/busybox
cd /data
$b find . | $b sort | while read -r name; do
  $b stat -c '%n|%F|%a|%u|%g|%t:%T' "$name"
  if [ -L "$name" ]; then
    $b readlink "$name" | $b sha256sum
  elif [ -f "$name" ]; then
    $b stat -c '%h names, %s bytes' "$name"
    $b sha256sum <"$name"
  fi
done
[ one -ef sticky/two ] && [ one -ef zzz ] && [ void -ef void-too ] && echo "one file each"
SH

project=$work/project
mkdir "$project"
cp "$repo/examples/hello-qemu/hello.elf" "$project/kernel"
succeeds "the archives are made" python3 "$work/tars.py" "$work"
mv "$work"/*.tar "$project"

# recipe ROOTFS [MORE]: an args.nix with these fields of `rootfs`.
recipe() {
  printf '{\n  name = "rootfs";\n  kernel = ./kernel;\n  cmd = [ "/bin/serve" ];\n  rootfs = { %s };\n%s}\n' \
    "$1" "${2-}" >"$project/args.nix"
}

# made WHAT ROOTFS: makes it, and says where it is: $blob, $offset, $size.
made() {
  recipe "$2"
  rm -rf "$work/layout"
  blob='' offset=0 size=0
  succeeds "$1: build" "$BIMANIX" build --format layout "$project" -o "$work/layout"
  read -r blob offset size < <(python3 "$work/where.py" "$work/layout") || fail "$1: it is in the image"
}

# The bytes of what was made.
bytes() {
  dd if="$blob" iflag=skip_bytes,count_bytes skip="$offset" count="$size" bs=1M status=none
}

# whole WHAT: e2fsck finds nothing to mend. It can do without a copy.
whole() {
  local status=0
  e2fsck -fn "$blob?offset=$offset" >"$work/fsck.log" 2>&1 || status=$?
  same "$1: e2fsck finds nothing" 0 "$status"
  [ "$status" -eq 0 ] || head -n 20 "$work/fsck.log"
}

# mounted WHAT OPTION: on $work/mounted.
mounted() {
  succeeds "$1: the kernel mounts it" \
    mount -o "loop,$2,offset=$offset,sizelimit=$size" "$blob" "$work/mounted"
}
mkdir "$work/mounted"
later "umount '$work/mounted' 2>/dev/null"

# alike WHAT EXPECTED FOLDER: the file lists what is in the folder.
alike() {
  python3 "$work/list.py" "$3" >"$work/listed"
  if diff "$2" "$work/listed" >"$work/difference"; then
    pass "$1: the same files"
  else
    fail "$1: the same files" "$(cut -c 1-300 "$work/difference" | head -n 20)"
  fi
}

# unpacked ARCHIVE: what GNU tar makes of it is what is expected.
unpacked() {
  rm -rf "$work/expected"
  mkdir "$work/expected"
  tar -xpf "$1" --numeric-owner -C "$work/expected"
}
block() {
  printf 'type = "block"; fsType = "%s"; %s' "$1" "$2"
}

# The same bytes from the same files, whatever surrounds the build.

# small FOLDER SORT…: a fixed small tree, whose files enter it in some order.
small() {
  local folder=$1 name
  shift
  mkdir -p "$folder/tree/sub/empty"
  cp "$repo/examples/hello-qemu/hello.elf" "$folder/kernel"
  while read -r name; do
    printf 'this is %s\n' "$name" >"$folder/tree/$name"
  done < <(printf '%s\n' alpha 'b c' Delta_ éclair sub/one sub/Two z | "$@")
  for name in $(seq 300 | "$@"); do
    printf '%d\n' "$name" >"$folder/tree/sub/$name"
  done
  seq 20000 >"$folder/tree/sub/large"
  ln -s sub/one "$folder/tree/link"
  printf '#!/bin/sh\n' >"$folder/tree/run"
  chmod u+x "$folder/tree/run"
}
forms=(initrd ext2 ext4 fat gzip zstd xz)
declare -A form_of=(
  [initrd]='type = "initrd"; from = ./tree;'
  [ext2]='type = "block"; from = ./tree; label = "small";'
  [ext4]='type = "block"; fsType = "ext4"; size = "32 MiB"; from = ./tree;'
)
# FAT has no symlinks.
form_of[fat]='type = "block"; fsType = "fat"; label = "SMALL"; from = ./tree/sub;'
for form in gzip zstd xz; do
  form_of[$form]="${form_of[initrd]} compression = \"$form\";"
done
# A change of these is a change of the bytes of every image with such a root: it has to be meant.
declare -A pinned=(
  [initrd]=aa0176649e6109bd87c632aeee338a6f344d01e09fb8f7bc2a5d1d2ebfd3deb2
  [ext2]=8c576b14fcfc9c41ae5dbe5629aceb6ab8011433e5ec30b91700ef7b68225144
  [ext4]=14ce573c4a7b60577d8e6eb8fa15ed8de75c4e9a5d18df801d0fb5d7ebf41bcc
  [fat]=62f7c3676df57c5fd8422c9693937c305d40fcceffd8f3f13b2dc99ce72e6b2a
)
declare -A manifests
project=$work/small
small "$project" sort
for form in "${forms[@]}"; do
  made "$form" "${form_of[$form]}"
  digest=$(bytes | sha256sum | cut -d ' ' -f 1)
  [ -z "${pinned[$form]-}" ] || same "$form: its bytes are those of before" "${pinned[$form]}" "$digest"
  bytes >"$work/$form"
  manifests[$form]=$(jq -r '.manifests[0].digest' "$work/layout/index.json")
  # Decompressed, the initrds are one.
  case $form in
    gzip | zstd | xz)
      "$form" -dc <"$work/$form" >"$work/decompressed" || true
      same_bytes "$form: decompressed, the same bytes" "$work/initrd" "$work/decompressed"
      ;;
  esac
done
same "the forms differ" "${#forms[@]}" "$(printf '%s\n' "${manifests[@]}" | sort -u | wc -l)"

# again WHAT COMMAND…: the same digests when the project is built by that.
again() {
  local what=$1 form
  shift
  for form in "${forms[@]}"; do
    recipe "${form_of[$form]}"
    succeeds "$what, $form: build" "$@" "$BIMANIX" build --json "$project" -o "$project/result"
    same "$what, $form: the same digest" "${manifests[$form]}" "$(jq -r .manifest <<<"$out")"
    rm -f "$project/result"
  done
}
read -r -a cores < <(python3 -c 'import os; print(*sorted(os.sched_getaffinity(0)))')
again "one core" taskset -c "${cores[0]}"
again "TZ" env TZ=Pacific/Kiritimati
again "LC_ALL" env LC_ALL=tr_TR.UTF-8
again "umask" bash -c 'umask 0077; exec "$@"' umask
chmod 0777 "$project"
# What is compressed is kept in a temporary file.
again "another user" env TMPDIR="$work" setpriv --reuid 65534 --regid 65534 --clear-groups
project=$work/shuffled
(umask 0077 && small "$project" shuf)
find "$project" -exec touch -d 2001-02-03 {} +
ln "$project/tree/alpha" "$project/alpha"
again "another order, modes, times and links"
mkdir "$work/tmpfs"
mount -t tmpfs bimanix-tests "$work/tmpfs"
later "umount '$work/tmpfs' 2>/dev/null"
project=$work/tmpfs/project
small "$project" shuf
again "tmpfs"
rm -r "$work/small" "$work/shuffled"
umount "$work/tmpfs"
project=$work/project

# Block images of all sizes.

mkdir -p "$project/few/folder"
printf 'hello\n' >"$project/few/folder/file"
for fs in ext2 ext4; do
  for given in "64 KiB" "1 MiB" "128 MiB" "129 MiB" "300 MiB" "1 GiB" "8 GiB" ""; do
    what="$fs of ${given:-its own size}"
    made "$what" "$(block "$fs" "from = ./few; ${given:+size = \"$given\";} label = \"sixteen letters!\";")"
    if [ -n "$given" ]; then
      same "$what: its size" "$(numfmt --from=iec-i "${given// /}" --suffix=B | tr -d B)" "$size"
    fi
    whole "$what"
    same "$what: debugfs reads a file" hello "$(debugfs -R 'cat /folder/file' "$blob?offset=$offset" 2>/dev/null)"
    contains "$what: its label" "Filesystem volume name:   sixteen letters!" \
      "$(debugfs -R 'show_super_stats -h' "$blob?offset=$offset" 2>/dev/null)"
  done
done
# A group may be too small for its tables.
for megabytes in 128 256; do
  for blocks in 1 3 60 600; do
    made "a rest of $blocks blocks" "$(block ext2 "from = ./few; size = $((megabytes * 1048576 + blocks * 4096));")"
    whole "$megabytes MiB and $blocks blocks"
  done
done

# All kinds of files.

unpacked "$project/tree.tar"
python3 "$work/list.py" "$work/expected" >"$work/tree.list"
for fs in ext2 ext4; do
  made "$fs" "$(block "$fs" "from = ./tree.tar;")"
  whole "$fs"
  mounted "$fs" ro
  alike "$fs" "$work/tree.list" "$work/mounted"
  same "$fs: the times are 0" 0.0000000000 "$(find "$work/mounted" -printf '%T@\n%C@\n' | sort -u | xargs)"
  umount "$work/mounted"
  mounted "$fs, to write" rw
  (
    cd "$work/mounted"
    mkdir new
    seq 300000 >new/large
    for number in $(seq 300); do
      echo "$number" >"new/$number"
    done
    cp new/large data/sticky/large
    # A file that was made by bimanix becomes longer, another shorter, and one loses a name.
    seq 100000 >>edges/4097
    truncate -s 100 edges/4243457
    rm data/zzz
    mv long renamed
    ln data/suid new/suid
    ln -s "$(printf 'x%.0s' {1..200})" new/symlink
    # Until nothing is left.
    ! head -c 100000000 /dev/zero >new/full 2>/dev/null
    rm new/full
  ) || fail "$fs: it can be written"
  umount "$work/mounted"
  whole "$fs, written"
  mounted "$fs, written" ro
  same "$fs, written: a large file" "$(seq 300000 | sha256sum)" "$(sha256sum <"$work/mounted/new/large")"
  same "$fs, written: a longer file" \
    "$({ cat "$work/expected/edges/4097" && seq 100000; } | sha256sum)" "$(sha256sum <"$work/mounted/edges/4097")"
  same "$fs, written: a file that lost a name" 2 "$(stat -c %h "$work/mounted/data/one")"
  same "$fs, written: a renamed folder" 300 "$(find "$work/mounted/renamed" -type f | wc -l)"
  umount "$work/mounted"
done

# FAT.

mkdir -p "$project/fat/folder/Below" "$project/fat/empty"
printf 'hello\n' >"$project/fat/folder/file"
printf 'long\n' >"$project/fat/folder/Below/A long name, which is no 8.3 name, with größe.text"
: >"$project/fat/nothing"
head -c 3000001 /dev/urandom >"$project/fat/large.bin"
for number in $(seq 700); do
  echo "$number" >"$project/fat/file-$number"
done
for given in "4 MiB" "16 MiB" "200 MiB" "2 GiB" ""; do
  what="FAT of ${given:-its own size}"
  made "$what" "$(block fat "from = ./fat; ${given:+size = \"$given\";} label = \"DATA 1\";")"
  if [ -n "$given" ]; then
    same "$what: its size" "$(numfmt --from=iec-i "${given// /}" --suffix=B | tr -d B)" "$size"
  fi
  # Neither tool can be told where it begins; a copy with its holes is small.
  bytes | cp --sparse=always /dev/stdin "$work/fat.image"
  truncate -s "$size" "$work/fat.image"
  status=0
  fsck.fat -n "$work/fat.image" >"$work/fsck.log" 2>&1 || status=$?
  same "$what: fsck.fat finds nothing" 0 "$status"
  [ "$status" -eq 0 ] || head -n 20 "$work/fsck.log"
  rm -rf "$work/copied"
  mkdir "$work/copied"
  succeeds "$what: mcopy reads it" mcopy -s -n -i "$work/fat.image" :: "$work/copied"
  same "$what: the same files" "" "$(diff -r "$project/fat" "$work/copied" 2>&1 | head -n 5)"
  contains "$what: its label" "Volume in drive : is DATA 1" "$(mdir -i "$work/fat.image" ::)"
  contains "$what: its dates are fixed" "1980-01-01" "$(mdir -i "$work/fat.image" ::large.bin)"
done
rm -r "$work/fat.image" "$work/copied"

# Archives that others write.
unpacked "$project/odd.tar"
mkdir -m 0700 "$work/expected/lost+found"
python3 "$work/list.py" "$work/expected" >"$work/odd.list"
for fs in ext2 ext4; do
  made "$fs, links with headers of their own" "$(block "$fs" "from = ./odd.tar;")"
  mounted "$fs, links with headers of their own" ro
  alike "$fs, links with headers of their own" "$work/odd.list" "$work/mounted"
  umount "$work/mounted"
done
made "owners in pax records" "$(block ext2 "from = ./pax.tar;")"
mounted "owners in pax records" ro
same "owners in pax records" "3000000 4000000000" "$(stat -c '%u %g' "$work/mounted/file")"
umount "$work/mounted"
# refused_or_whole ARCHIVE: what no file system holds is refused; where it is made, there is nothing to mend.
refused_or_whole() {
  local fs
  for fs in ext2 ext4; do
    recipe "$(block "$fs" "from = ./$1;")"
    if "$BIMANIX" build "$project" -o "$work/result" >/dev/null 2>"$work/stderr"; then
      made "$1 in $fs" "$(block "$fs" "from = ./$1;")"
      whole "$1 in $fs"
    else
      contains "$1 in $fs is refused" "error[" "$(cat "$work/stderr")"
    fi
  done
  recipe "type = \"initrd\"; from = ./$1;"
  if "$BIMANIX" build "$project" -o "$work/result" >/dev/null 2>"$work/stderr"; then
    made "$1 in an initrd" "type = \"initrd\"; from = ./$1;"
    mkdir "$work/unpacked"
    bytes | (cd "$work/unpacked" && cpio -idm --quiet) >"$work/cpio.log" 2>&1 || echo "it failed" >>"$work/cpio.log"
    same "$1 in an initrd: cpio unpacks it" "" "$(cat "$work/cpio.log")"
    rm -r "$work/unpacked"
  else
    contains "$1 in an initrd is refused" "error[" "$(cat "$work/stderr")"
  fi
}
refused_or_whole below.tar
refused_or_whole huge-owner.tar
unpacked "$project/tree.tar"

made "initrd" 'type = "initrd"; from = ./tree.tar;'
bytes >"$work/initrd"
(cd "$work/expected" && find . -mindepth 1 -printf '%P\n' | sort) >"$work/names"
for tool in cpio bsdcpio; do
  succeeds "$tool lists the initrd" "$tool" -itv --quiet <"$work/initrd"
  same "$tool: as many lines as files" "$(wc -l <"$work/names")" "$(wc -l <<<"$out")"
  # Its names are quoted where they are not ASCII, and verbosely; not so without.
  "$tool" -it --quiet <"$work/initrd" 2>/dev/null | sort >"$work/listed"
  same_bytes "$tool: the names" "$work/names" "$work/listed"
  mkdir "$work/$tool"
  succeeds "$tool unpacks the initrd" env --chdir "$work/$tool" "$tool" -idm --quiet <"$work/initrd"
  alike "$tool" "$work/tree.list" "$work/$tool"
  same "$tool: the times are 0" 0.0000000000 "$(find "$work/$tool" -type f -printf '%T@\n' | sort -u | xargs)"
  rm -r "${work:?}/$tool"
done
for form in gzip zstd xz; do
  made "initrd, $form" "type = \"initrd\"; from = ./tree.tar; compression = \"$form\";"
  bytes | "$form" -dc >"$work/decompressed" || true
  same_bytes "initrd, $form: decompressed, the same bytes" "$work/initrd" "$work/decompressed"
done
gzip -kn "$project/tree.tar"
made "a compressed archive" 'type = "initrd"; from = ./tree.tar.gz;'
bytes >"$work/decompressed"
same_bytes "of a compressed archive, the same bytes" "$work/initrd" "$work/decompressed"

# Many files, and large ones.

for form in "ext2 32000" "ext4 65000"; do
  read -r fs count <<<"$form"
  made "$count hard links" "$(block "$fs" "from = ./links-$count.tar;")"
  whole "$count hard links in $fs"
  contains "$count hard links in $fs" "Links: $count " "$(debugfs -R 'stat /f' "$blob?offset=$offset" 2>/dev/null)"
  mounted "$count hard links in $fs" ro
  same "$count hard links in $fs: they are one file" "1 $count" "$(find "$work/mounted" -type f -printf '%i\n' |
    sort | uniq -c | awk '{ print NR, $1 }' | xargs)"
  umount "$work/mounted"
done

python3 - "$project/many" <<'PY'
import os, sys

for number in range(100000):
    folder = "one" if number < 50000 else f"more/{number % 100}"
    folder = os.path.join(sys.argv[1], folder)
    if number < 1 or number >= 50000:
        os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{number}", "w") as file:
        file.write(f"{number}\n")
PY
# names.py FOLDER: how many files are in it that hold their own name.
cat >"$work/names.py" <<'PY'
import os, sys

held = 0
for folder, folders, files in os.walk(sys.argv[1]):
    for name in files:
        with open(os.path.join(folder, name)) as file:
            held += file.read() == name + "\n"
print(held)
PY
for fs in ext2 ext4; do
  made "100,000 files in $fs" "$(block "$fs" "from = ./many;")"
  whole "100,000 files in $fs"
  mounted "100,000 files in $fs" ro
  same "100,000 files in $fs: a folder has 50,000" 50000 "$(find "$work/mounted/one" -type f | wc -l)"
  (cd "$project/many" && find . -mindepth 1 -printf '%P %y %s\n' | grep -v ' d ' | sort) >"$work/names"
  (cd "$work/mounted" && find . -mindepth 1 -printf '%P %y %s\n' | grep -v ' d ' | sort) >"$work/listed"
  same_bytes "100,000 files in $fs: the same names" "$work/names" "$work/listed"
  # To read them all takes long.
  [ "$fs" == ext4 ] || same "100,000 files in $fs: the same bytes" 100000 "$(python3 "$work/names.py" "$work/mounted")"
  umount "$work/mounted"
done
made "100,000 files in an initrd" 'type = "initrd"; from = ./many;'
same "100,000 files in an initrd: cpio lists them" 100102 "$(bytes | cpio -it --quiet | wc -l)"
rm -r "$project/many"

truncate -s 5G "$project/five"
parts=(0 4096 1073741947 4294967290 5368709113)
for at in "${parts[@]}"; do
  printf '%-7.7s' "at $at" | dd of="$project/five" bs=4k oflag=seek_bytes seek="$at" conv=notrunc status=none
done
# compare.py FILE STAT BLOB OFFSET: the blocks where debugfs finds the file hold its bytes. Where both have holes, both
# have zeros: to read them all takes half a minute.
cat >"$work/compare.py" <<'PY'
import os, re, sys

with open(sys.argv[2]) as file:
    runs = re.findall(r"\((\d+)(?:-\d+)?\):(\d+)(?:-(\d+))?", file.read())


def is_hole(file, at, count):
    try:
        return os.lseek(file, at, os.SEEK_DATA) >= at + count
    except OSError:
        return True


given, found = os.open(sys.argv[1], os.O_RDONLY), os.open(sys.argv[3], os.O_RDONLY)
size, offset, seen = os.fstat(given).st_size, int(sys.argv[4]), 0
for logical, start, end in runs:
    at, block, left = int(logical) * 4096, int(start) * 4096, (int(end or start) - int(start) + 1) * 4096
    while left:
        count = min(left, 1 << 22)
        if (
            not (is_hole(given, at, count) and is_hole(found, offset + block, count))
            and os.pread(given, count, at) != os.pread(found, count, offset + block)[: max(size - at, 0)]
        ):
            sys.exit(f"they differ at byte {at}")
        at, block, left, seen = at + count, block + count, left - count, seen + count
if seen != size:
    sys.exit(f"{seen} bytes of {size} have blocks")
PY
same "it has 5 GiB" 5368709120 "$(stat -c %s "$project/five")"
for fs in ext2 ext4; do
  what="a file of 5 GiB in $fs"
  made "$what" "$(block "$fs" 'files.five = "/five";')"
  whole "$what"
  mounted "$what" ro
  debugfs -R 'stat /five' "$blob?offset=$offset" >"$work/stat" 2>/dev/null
  succeeds "$what: the same bytes" python3 "$work/compare.py" "$project/five" "$work/stat" "$blob" "$offset"
  same "$what: its size" 5368709120 "$(stat -c %s "$work/mounted/five")"
  for at in "${parts[@]}"; do
    same "$what: the kernel reads it at $at" "$(printf '%-7.7s' "at $at")" \
      "$(dd if="$work/mounted/five" bs=7 iflag=skip_bytes skip="$at" count=1 status=none)"
  done
  umount "$work/mounted"
done
rm -rf "$work/layout"

# What is given besides a folder or an archive.

made "files with modes and owners" "$(block ext4 \
  'from = ./few; files.kernel = { path = "/sbin/kernel"; uid = 70000; gid = 5; mode = "4711"; };')"
mounted "files with modes and owners" ro
same "files with modes and owners" "4711 70000 5" "$(stat -c '%a %u %g' "$work/mounted/sbin/kernel")"
same "what was there stays" hello "$(cat "$work/mounted/folder/file")"
same "lost+found is made" "700 0 0" "$(stat -c '%a %u %g' "$work/mounted/lost+found")"
umount "$work/mounted"
# A layer of ours holds each name with the bytes of its own.
sed 's/\["[^"]*", [0-9]*\], "/null, "/' "$work/tree.list" >"$work/unlinked.list"
for format in archive layout; do
  recipe 'type = "raw"; from = ./tree.tar;'
  succeeds "an image, $format" "$BIMANIX" build --format "$format" "$project" -o "$work/image-$format"
  rm -rf "$project/image"
  mv "$work/image-$format" "$project/image"
  made "from an image, $format" "$(block ext4 'from = ./image;')"
  whole "from an image, $format"
  mounted "from an image, $format" ro
  python3 "$work/list.py" "$work/mounted" | grep -v '^\["\(\.boot\|urunc.json\)' >"$work/listed"
  same "from an image, $format: the same files" "" "$(diff "$work/unlinked.list" "$work/listed" | cut -c 1-300 | head -n 8)"
  umount "$work/mounted"
done

# annotations WHAT EXPECTED: those of what args.nix makes, and their values.
annotations() {
  succeeds "$1: build" "$BIMANIX" build "$project" -o "$work/result"
  same "$1: its annotations" "$2" "$("$BIMANIX" inspect --json "$work/result" | jq -r '.annotations | to_entries
    | map(select(.key | test("cmdline|useDMBlock") | not) | (.key | sub(".*[.]"; "")) + "=" + .value) | join(" ")')"
}
recipe 'type = "initrd"; from = ./few;'
annotations "an initrd" "binary=/.boot/kernel hypervisor=qemu initrd=/.boot/rootfs mountRootfs=false unikernelType=linux"
recipe 'type = "block"; from = ./few;'
annotations "a block image" "binary=/.boot/kernel blkMntPoint=/ block=/.boot/rootfs hypervisor=qemu mountRootfs=false \
unikernelType=linux"
recipe 'from = ./few;'
annotations "Linux' own type" "binary=/.boot/kernel hypervisor=qemu mountRootfs=true unikernelType=linux"
printf '{ name = "rootfs"; kernel = ./kernel; files."few" = "/few"; cmd = [ "/a" ]; }' >"$project/args.nix"
annotations "files without a rootfs" "binary=/.boot/kernel hypervisor=qemu mountRootfs=true unikernelType=linux"
printf '{ name = "rootfs"; kernel = ./kernel; cmd = [ "/a" ]; }' >"$project/args.nix"
annotations "a kernel alone" "binary=/.boot/kernel hypervisor=qemu mountRootfs=false unikernelType=linux"

# What cannot be made: one message, and nothing is written.

# refuses WHAT: args.nix is refused with the text that is read, in which the project is /project.
refuses() {
  local status=0 before expected found
  expected=$(cat)
  before=$(ls -A "$project")
  (cd "$project" && "$BIMANIX" build) >"$work/stdout" 2>"$work/stderr" || status=$?
  found=$(cat "$work/stderr")
  same "$1: exit code" 1 "$status"
  same "$1: the message" "$expected" "${found//$project//project}"
  same "$1: nothing on standard output" "" "$(cat "$work/stdout")"
  same "$1: nothing is written" "$before" "$(ls -A "$project")"
}
# of_guest GUEST ROOTFS: the same for another guest.
of_guest() {
  cat >"$project/args.nix" <<NIX
{
  name = "rootfs";
  files."kernel" = "/kernel";
  annotations = { unikernelType = "$1"; hypervisor = "qemu"; binary = "/kernel"; cmdline = "a"; };
  rootfs = { $2 };
}
NIX
}
mkdir "$project/pipes" "$project/sockets"
mkfifo "$project/pipe" "$project/pipes/pipe"
(cd "$project/sockets" && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")')
printf 'a text\n' >"$project/text"
head -c 3000000 /dev/zero | tr '\0' x >"$project/large"
recipe 'type = "block"; files."large" = "/large"; size = "2 MiB";'
refuses "a size too small" <<'TEXT'
error[rootfs/too-small]: 2.0 MiB is too small for the files
 --> args.nix:5:63
  |
5 |   rootfs = { type = "block"; files."large" = "/large"; size = "2 MiB"; };
  |                                                               ^^^^^^^
  = why: they need 3035136 bytes with the tables of the file system
  = help: write `size = "3 MiB";` or more, or leave `size` out
TEXT

recipe 'type = "block"; fsType = "ext4"; files."text" = "/text"; size = "4 KiB";'
refuses "a size too small for anything" <<'TEXT'
error[rootfs/too-small]: 4.0 KiB is too small for the files
 --> args.nix:5:78
  |
5 |   rootfs = { type = "block"; fsType = "ext4"; files."text" = "/text"; size = "4 KiB"; };
  |                                                                              ^^^^^^^
  = why: they need 65536 bytes with the tables of the file system
  = help: write `size = "1 MiB";` or more, or leave `size` out
TEXT

recipe 'type = "block"; files."text" = "/text"; size = "64 MB or so";'
refuses "a size that is none" <<'TEXT'
error[rootfs/size]: `64 MB or so` is not a size
 --> args.nix:5:61
  |
5 |   rootfs = { type = "block"; files."text" = "/text"; size = "64 MB or so"; };
  |                                                             ^^^^^^^^^^^^^
  = help: write a number of bytes, or one with a unit: "512 KiB", "64 MiB", "2 GiB"
TEXT

recipe 'type = "block"; files."text" = "/text"; size = "17 TiB";'
refuses "a size above all" <<'TEXT'
error[rootfs/too-large]: `17 TiB` is more than a block image has
 --> args.nix:5:61
  |
5 |   rootfs = { type = "block"; files."text" = "/text"; size = "17 TiB"; };
  |                                                             ^^^^^^^^
  = why: ext2 and ext4 with blocks of 4 KiB have at most 16 TiB
  = help: give a smaller size
TEXT

recipe 'type = "initrd"; compression = "gzip"; files."text" = "/text";'
TMPDIR=$work/nowhere refuses "a temporary folder that is not there" <<'TEXT'
error[rootfs/made]: the initrd cannot be compressed
 --> args.nix:5:3
  |
5 |   rootfs = { type = "initrd"; compression = "gzip"; files."text" = "/text"; };
  |   ^^^^^^
  = why: no such file or directory
  = help: set TMPDIR to a folder with room, where temporary files can be made
TEXT

recipe 'type = "initrd"; files."pipe" = "/pipe";'
refuses "a FIFO as source" <<'TEXT'
error[files/special]: `pipe` is a FIFO
 --> args.nix:5:31
  |
5 |   rootfs = { type = "initrd"; files."pipe" = "/pipe"; };
  |                               ^^^^^^^^^^^^
  = why: an image is made of regular files, folders and symlinks
  = help: leave it out of the folder, or name the files one by one
TEXT

recipe 'type = "block"; from = ./pipes;'
refuses "a FIFO in a folder" <<'TEXT'
error[files/special]: `pipes/pipe` is a FIFO
 --> args.nix:5:30
  |
5 |   rootfs = { type = "block"; from = ./pipes; };
  |                              ^^^^
  = why: an image is made of regular files, folders and symlinks
  = help: leave it out of the folder, or name the files one by one
TEXT

recipe 'type = "block"; from = ./pipe;'
refuses "a FIFO as from" <<'TEXT'
error[rootfs/from]: cannot read `pipe`
 --> args.nix:5:37
  |
5 |   rootfs = { type = "block"; from = ./pipe; };
  |                                     ^^^^^^
  = why: it is a FIFO
TEXT

recipe 'type = "initrd"; files."sockets" = "/sockets";'
refuses "a socket in a folder" <<'TEXT'
error[files/special]: `sockets/socket` is a socket
 --> args.nix:5:31
  |
5 |   rootfs = { type = "initrd"; files."sockets" = "/sockets"; };
  |                               ^^^^^^^^^^^^^^^
  = why: an image is made of regular files, folders and symlinks
  = help: leave it out of the folder, or name the files one by one
TEXT

recipe 'type = "block"; files."sockets/socket" = "/socket";'
refuses "a socket as source" <<'TEXT'
error[files/special]: `sockets/socket` is a socket
 --> args.nix:5:30
  |
5 |   rootfs = { type = "block"; files."sockets/socket" = "/socket"; };
  |                              ^^^^^^^^^^^^^^^^^^^^^^
  = why: an image is made of regular files, folders and symlinks
  = help: leave it out of the folder, or name the files one by one
TEXT

recipe 'type = "initrd"; from = ./dots.tar;'
refuses "an archive with .." <<'TEXT'
error[rootfs/from]: `dots.tar` cannot be read as a tar archive
 --> args.nix:5:38
  |
5 |   rootfs = { type = "initrd"; from = ./dots.tar; };
  |                                      ^^^^^^^^^^
  = why: `folder/../../file` cannot be a path in an image: it holds `..`
  = help: name a folder, a tar archive, or an image
TEXT

recipe 'type = "block"; from = ./links-70000.tar;'
refuses "70,000 hard links in ext2" <<'TEXT'
error[rootfs/links]: `/d/32000` has 70000 hard links
 --> args.nix:5:3
  |
5 |   rootfs = { type = "block"; from = ./links-70000.tar; };
  |   ^^^^^^
  = why: the file system counts up to 32000
  = help: make some of them symlinks or copies
TEXT

recipe 'type = "block"; fsType = "fat"; from = ./odd-names;'
mkdir "$project/odd-names"
ln -s nowhere "$project/odd-names/link"
refuses "a symlink in FAT" <<'TEXT'
error[rootfs/fat]: FAT cannot hold the symlink `/link`
 --> args.nix:5:3
  |
5 |   rootfs = { type = "block"; fsType = "fat"; from = ./odd-names; };
  |   ^^^^^^
  = why: it has only files and folders
  = help: leave it out, or write `fsType = "ext2";` where the guest reads that
TEXT
rm "$project/odd-names/link"
printf 'a\n' >"$project/odd-names/what?"
refuses "a name that FAT does not take" <<'TEXT'
error[rootfs/fat]: FAT cannot hold a file called `/what?`
 --> args.nix:5:3
  |
5 |   rootfs = { type = "block"; fsType = "fat"; from = ./odd-names; };
  |   ^^^^^^
  = why: its names are UTF-8, without `"*/:<>?\|` and control characters, and end with neither a full stop nor a space
  = help: rename it, or write `fsType = "ext2";` where the guest reads that
TEXT
rm -r "$project/odd-names"

recipe 'type = "block"; fsType = "ext4"; from = ./links-70000.tar;'
refuses "70,000 hard links in ext4" <<'TEXT'
error[rootfs/links]: `/d/65000` has 70000 hard links
 --> args.nix:5:3
  |
5 |   rootfs = { type = "block"; fsType = "ext4"; from = ./links-70000.tar; };
  |   ^^^^^^
  = why: the file system counts up to 65000
  = help: make some of them symlinks or copies
TEXT

recipe 'type = "initrd"; files."text" = "/a"; files."kernel" = "/a";'
refuses "two files of one name" <<'TEXT'
error[files/twice]: two sources go to `/a`
 --> args.nix:5:31
  |
5 |   rootfs = { type = "initrd"; files."text" = "/a"; files."kernel" = "/a"; };
  |                               ^^^^^^^^^^^^
  :
5 |   rootfs = { type = "initrd"; files."text" = "/a"; files."kernel" = "/a"; };
  |                                                    ^^^^^^^^^^^^^^ the first one
  = help: give one of them another destination
TEXT

recipe 'type = "ext4"; files."text" = "/text";'
refuses "an unknown type" <<'TEXT'
error[rootfs/type]: `ext4` is not a `type` of `rootfs`
 --> args.nix:5:21
  |
5 |   rootfs = { type = "ext4"; files."text" = "/text"; };
  |                     ^^^^^^
  = help: use `initrd`, `block` or `raw`
TEXT

recipe 'type = "block"; fsType = "ext3"; files."text" = "/text";'
refuses "an unknown fsType" <<'TEXT'
error[rootfs/type]: `ext3` is not a `fsType` of a block image
 --> args.nix:5:39
  |
5 |   rootfs = { type = "block"; fsType = "ext3"; files."text" = "/text"; };
  |                                       ^^^^^^
  = help: did you mean `ext2`?
TEXT

recipe 'type = "initrd"; compression = "lz4"; files."text" = "/text";'
refuses "an unknown compression" <<'TEXT'
error[rootfs/type]: `lz4` is not a `compression` of an initrd
 --> args.nix:5:45
  |
5 |   rootfs = { type = "initrd"; compression = "lz4"; files."text" = "/text"; };
  |                                             ^^^^^
  = help: use `none`, `gzip`, `zstd` or `xz`
TEXT

of_guest unikraft 'type = "block"; files."text" = "/text";'
refuses "a block image for unikraft" <<'TEXT'
error[rootfs/guest]: unikraft cannot use a root file system of type `block`
 --> args.nix:5:21
  |
5 |   rootfs = { type = "block"; files."text" = "/text"; };
  |                     ^^^^^^^
  :
4 |   annotations = { unikernelType = "unikraft"; hypervisor = "qemu"; binary = "/kernel"; cmdline = "a"; };
  |                                   ^^^^^^^^^^ because of this
  = why: urunc does not give it to this guest
  = help: use `initrd` or `raw`
TEXT

of_guest unikraft 'type = "initrd"; compression = "gzip"; files."text" = "/text";'
refuses "a compressed initrd for unikraft" <<'TEXT'
error[rootfs/guest]: unikraft cannot read a compressed initrd
 --> args.nix:5:45
  |
5 |   rootfs = { type = "initrd"; compression = "gzip"; files."text" = "/text"; };
  |                                             ^^^^^^
  = why: it unpacks plain cpio archives of the form newc alone
  = help: leave `compression` out
TEXT

of_guest rumprun 'type = "initrd"; files."text" = "/text";'
refuses "an initrd for rumprun" <<'TEXT'
error[urunc/unsupported-pair]: urunc cannot run rumprun on qemu
 --> args.nix:4:59
  |
4 |   annotations = { unikernelType = "rumprun"; hypervisor = "qemu"; binary = "/kernel"; cmdline = "a"; };
  |                                                           ^^^^^^
  :
4 |   annotations = { unikernelType = "rumprun"; hypervisor = "qemu"; binary = "/kernel"; cmdline = "a"; };
  |                                   ^^^^^^^^^ because of this
  = why: it runs rumprun on hvt and spt
  = help: write "hvt" or "spt"
  = urunc: 2026

error[rootfs/guest]: rumprun cannot use a root file system of type `initrd`
 --> args.nix:5:21
  |
5 |   rootfs = { type = "initrd"; files."text" = "/text"; };
  |                     ^^^^^^^^
  :
4 |   annotations = { unikernelType = "rumprun"; hypervisor = "qemu"; binary = "/kernel"; cmdline = "a"; };
  |                                   ^^^^^^^^^ because of this
  = why: urunc does not give it to this guest
  = help: use `block` or `raw`

2 errors
TEXT

recipe 'type = "initrd"; files."five" = "/five";'
refuses "a file of 5 GiB in an initrd" <<'TEXT'
error[rootfs/file]: `/five` has 5.0 GiB
 --> args.nix:5:3
  |
5 |   rootfs = { type = "initrd"; files."five" = "/five"; };
  |   ^^^^^^
  = why: a file has at most 4294967295 bytes here
  = help: use `type = "block";`, or leave the file out
TEXT

recipe 'type = "initrd";'
refuses "an empty rootfs" <<'TEXT'
error[rootfs/empty]: `rootfs` has nothing in it
 --> args.nix:5:3
  |
5 |   rootfs = { type = "initrd"; };
  |   ^^^^^^
  = help: add `files`, or `from` with a folder, a tar archive or an image
TEXT

recipe 'type = "initrd"; files."text" = "/text";' '  annotations.initrd = "/text";
'
refuses "annotations.initrd besides" <<'TEXT'
error[rootfs/conflict]: `initrd` goes against `rootfs`
 --> args.nix:6:24
  |
6 |   annotations.initrd = "/text";
  |                        ^^^^^^^
  :
5 |   rootfs = { type = "initrd"; files."text" = "/text"; };
  |                     ^^^^^^^^ this sets what the guest is given
  = why: urunc gives a guest one root file system
  = help: leave one of the two out
TEXT

recipe 'type = "block"; label = "seventeen letters"; files."text" = "/text";'
refuses "a label of 17 bytes" <<'TEXT'
error[rootfs/label]: `seventeen letters` cannot be a label
 --> args.nix:5:38
  |
5 |   rootfs = { type = "block"; label = "seventeen letters"; files."text" = "/text"; };
  |                                      ^^^^^^^^^^^^^^^^^^^
  = why: it has 17 bytes; a label has at most 16, and no NUL byte
  = help: shorten it
TEXT

recipe 'type = "initrd"; from = ./text;'
refuses "a text as from" <<'TEXT'
error[rootfs/from]: `text` cannot be read as a tar archive
 --> args.nix:5:38
  |
5 |   rootfs = { type = "initrd"; from = ./text; };
  |                                      ^^^^^^
  = why: the archive ends in the middle of a member
  = help: name a folder, a tar archive, or an image
TEXT

recipe 'type = "block"; from = ./target.tar;'
refuses "a target of 5000 bytes" <<'TEXT'
error[rootfs/from]: `target.tar` cannot be read as a tar archive
 --> args.nix:5:37
  |
5 |   rootfs = { type = "block"; from = ./target.tar; };
  |                                     ^^^^^^^^^^^^
  = why: `link` is a link of 5000 bytes
  = help: name a folder, a tar archive, or an image
TEXT

# The message of what is too small says which size is not.
recipe 'type = "block"; files."large" = "/large"; size = "3 MiB";'
succeeds "the size that is said to be needed" "$BIMANIX" build "$project" -o "$work/result"
for fs in ext2 ext4; do
  recipe "$(block "$fs" 'from = ./tree.tar; size = "1 MiB";')"
  "$BIMANIX" build "$project" -o "$work/result" >/dev/null 2>"$work/stderr" || true
  needed=$(sed -n 's/.*they need \([0-9]*\) bytes.*/\1/p' "$work/stderr")
  made "$fs, just large enough" "$(block "$fs" "from = ./tree.tar; size = ${needed:-0};")"
  whole "$fs, just large enough"
  recipe "$(block "$fs" "from = ./tree.tar; size = $((needed - 4096));")"
  status=0
  "$BIMANIX" build "$project" -o "$work/result" >/dev/null 2>"$work/stderr" || status=$?
  same "$fs, a block less is too small" 1 "$status"
  contains "$fs, a block less: the same is needed" "they need $needed bytes" "$(cat "$work/stderr")"
done

# Linux boots from them, out of docker's store.

# The package is not installed: a kernel would be put into /boot.
package() {
  apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image/ { print $2; exit }'
}
name=$(package)
if [ -z "$name" ]; then
  apt-get -o DPkg::Lock::Timeout=600 -qq update
  name=$(package)
fi
[ -n "$name" ] || fail "apt knows the kernel package"
(cd "$work" && apt-get -qq download "$name") 2>"$work/apt.log" || cat "$work/apt.log"
succeeds "the kernel package is there" dpkg-deb -x "$work"/linux-image-*.deb "$work/package"
cp "$work"/package/boot/vmlinuz-* "$project/kernel"
unpacked "$project/guest.tar"
expected=$(chroot "$work/expected" /bin/busybox sh /report)
contains "the report is whole" "one file each" "$expected"

cat >"$project/first" <<'SH'
#!/bin/busybox sh
for word in "$0" "$@"; do
  echo "word $word"
done
echo "variable $MODE"
/bin/busybox sh /report | /bin/busybox sed 's/^/= /'
echo done
/bin/busybox poweroff -f
SH

# This kernel finds its disk with modules, which an initrd of ours brings.
mkdir -p "$project/loader/modules" "$project/loader/bin" "$project/loader/new"
cp /bin/busybox "$project/loader/bin/busybox"
number=0
for module in virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk; do
  found=$(find "$work/package" -name "$module.ko*")
  number=$((number + 1))
  case $found in
    *.xz) xz -dc "$found" ;;
    ?*) cat "$found" ;;
  esac >"$project/loader/modules/$number"
  [ -s "$project/loader/modules/$number" ] || rm "$project/loader/modules/$number"
done
cat >"$project/loader/init" <<'SH'
#!/bin/busybox sh
# They need each other, in another order from one kernel to the next.
for round in 1 2 3; do
  for module in /modules/*; do
    /bin/busybox insmod "$module" 2>/dev/null
  done
done
/bin/busybox mkdir -p /dev
/bin/busybox mount -t devtmpfs devtmpfs /dev
until [ -b /dev/vda ]; do
  /bin/busybox sleep 0.1
done
/bin/busybox mount -t "$FS" -o rw /dev/vda /new
exec /bin/busybox switch_root -c /dev/console /new "$INIT" "$@"
SH
chmod +x "$project/loader/init"
made "the loader" 'type = "initrd"; compression = "zstd"; from = ./loader;'
bytes >"$work/loader"

# boots FORM ROOTFS: packaged, loaded, taken out again and started.
boots() {
  local form=$1 line container status=0 printed folder=$work/boot-$1 initrd
  local drive=()
  mkdir -p "$folder"
  recipe "$2 from = ./guest.tar;" \
    '  init = ./first;
  env.MODE = "test";
'
  sed -i "s/name = \"rootfs\"/name = \"rootfs-$form\"/; s,\"/bin/serve\",\"serve\" \"--port=80\"," "$project/args.nix"
  succeeds "$form: build" "$BIMANIX" build "$project" -o "$folder/image"
  succeeds "$form: inspect" "$BIMANIX" inspect --json "$folder/image"
  same "$form: nothing is wrong" "[]" "$(jq -c '[.findings[] | select(.severity == "error").code]' <<<"$out")"
  line=$(jq -r '.urunc[] | select(.era == "2026" and .engine == "docker").commandLine' <<<"$out")
  succeeds "$form: docker load" docker load --input "$folder/image"
  succeeds "$form: docker create" docker create --network none "rootfs-$form:latest"
  container=$out
  succeeds "$form: docker cp kernel" docker cp "$container:/.boot/kernel" "$folder/kernel"
  succeeds "$form: docker cp rootfs" docker cp "$container:/.boot/rootfs" "$folder/rootfs"
  docker rm "$container" >/dev/null
  docker rmi "rootfs-$form:latest" >/dev/null
  same_bytes "$form: the kernel is whole" "$project/kernel" "$folder/kernel"
  # What the runtime would fill in.
  line=${line//console=…/console=ttyS0}
  line=${line// ip=…/}
  line=${line//PATH=…/PATH=/bin}
  line=${line//HOSTNAME=…/HOSTNAME=linux}
  initrd=$folder/rootfs
  case $form in
    ext*)
      contains "$form: the kernel is given a disk" " root=/dev/vda " "$line"
      contains "$form: the kernel is given the init" " init=/first " "$line"
      line=${line//init=\/first/rdinit=/init INIT=/first FS=$form}
      initrd=$work/loader
      drive=(-drive "if=virtio,format=raw,file=$folder/rootfs")
      ;;
    *) contains "$form: the kernel is given the init" " rdinit=/first " "$line" ;;
  esac
  timeout --foreground --kill-after=5 200 qemu-system-x86_64 -accel tcg -m 256 -nodefaults \
    -no-user-config -no-reboot -display none -serial "file:$folder/serial" -kernel "$folder/kernel" \
    -initrd "$initrd" "${drive[@]}" -append "quiet $line" >"$folder/qemu.log" 2>&1 </dev/null || status=$?
  same "$form: the guest powers off" 0 "$status"
  cat "$folder/qemu.log"
  printed=$(tr -d '\r' <"$folder/serial" || true)
  same "$form: the init gets its words" "/first serve --port=80" "$(sed -n 's/^word //p' <<<"$printed" | xargs)"
  contains "$form: the init gets its environment" "variable test" "$printed"
  same "$form: the guest finds the same files" "$expected" "$(sed -n 's/^= //p' <<<"$printed")"
  if [ ${#drive[@]} -gt 0 ]; then
    status=0
    e2fsck -fp "$folder/rootfs" >"$folder/fsck.log" 2>&1 || status=$?
    [ "$status" -le 1 ] && pass "$form: the disk is whole" || fail "$form: the disk is whole" "$(cat "$folder/fsck.log")"
  fi
  rm -r "$folder"
}
boots none 'type = "initrd"; compression = "none";'
boots gzip 'type = "initrd"; compression = "gzip";'
boots zstd 'type = "initrd"; compression = "zstd";'
boots xz 'type = "initrd"; compression = "xz";'
boots ext2 'type = "block";'
boots ext4 'type = "block"; fsType = "ext4"; label = "guest";'

# Raw, the files are the image's own.
recipe 'type = "raw"; from = ./guest.tar;' "  init = ./first;
"
succeeds "raw: build" "$BIMANIX" build "$project" -o "$work/result"
succeeds "raw: docker load" docker load --input "$work/result"
succeeds "raw: docker create" docker create --network none rootfs:latest
container=$out
mkdir "$work/exported"
docker export "$container" | tar -xp --numeric-owner -C "$work/exported" || fail "raw: docker export"
succeeds "raw: docker cp" docker cp "$container:/first" "$work/copied"
same_bytes "raw: the init is in the root" "$project/first" "$work/copied"
docker rm "$container" >/dev/null
docker rmi rootfs:latest >/dev/null
python3 "$work/list.py" "$work/expected/data" | sed 's/\["[^"]*", [0-9]*\], "/null, "/' >"$work/data.list"
alike "raw" "$work/data.list" "$work/exported/data"
same_bytes "raw: the program" /bin/busybox "$work/exported/bin/busybox"
annotations "raw" "binary=/.boot/kernel hypervisor=qemu mountRootfs=true unikernelType=linux"
