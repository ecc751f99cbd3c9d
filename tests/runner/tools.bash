# What the tests run besides Rust: whether it is there, and how it gets there.
# shellcheck shell=bash

# A line for each command or file that a step may need, and the packages that bring it, of which the first that
# this Debian has is taken. One that stands twice needs a package of both lines.
tools='
cc                      gcc
cc                      libc6-dev
gcc                     gcc
g++                     g++
ld                      binutils
readelf                 binutils
git                     git
nix-build               nix-bin
skopeo                  skopeo
umoci                   umoci
containerd              containerd
ctr                     containerd
dockerd                 docker.io
/usr/bin/docker         docker-cli docker.io
docker-registry         docker-registry
podman                  podman
buildah                 buildah
qemu-system-x86_64      qemu-system-x86
qemu-img                qemu-utils
jq                      jq
openssl                 openssl
python3                 python3
strace                  strace
cpio                    cpio
bzip2                   bzip2
xz                      xz-utils
lzma                    xz-utils
zstd                    zstd
lz4                     lz4
lzop                    lzop
mke2fs                  e2fsprogs
e2fsck                  e2fsprogs
debugfs                 e2fsprogs
taskset                 util-linux
gzip                    gzip
mkfs.fat                dosfstools
fsck.fat                dosfstools
mcopy                   mtools
mkfs.xfs                xfsprogs
mkfs.btrfs              btrfs-progs
mksquashfs              squashfs-tools
genisoimage             genisoimage
sfdisk                  fdisk
debootstrap             debootstrap
busybox                 busybox-static
bsdcpio                 libarchive-tools
genext2fs               genext2fs
'

# there COMMAND|FILE. Not `command -v`, which finds functions.
there() {
  case $1 in
    # Without the headers of the C library it is of no use.
    cc) type -P cc >/dev/null && cc -fsyntax-only -x c - <<<'#include <stdlib.h>' 2>/dev/null ;;
    /*) [ -e "$1" ] ;;
    *) type -P "$1" >/dev/null ;;
  esac
}

# packages_of TOOL: the packages that bring it, a line for each.
packages_of() {
  local tool packages package
  while read -r tool packages; do
    [ "$tool" == "$1" ] || continue
    for package in $packages; do
      if ! type -P apt-cache >/dev/null || apt-cache show "$package" >/dev/null 2>&1; then
        printf '%s\n' "$package"
        break
      fi
    done
  done <<<"$tools"
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -qq install --yes \
    --no-install-recommends "$@" >>"$tmp/apt.log" 2>&1
}

# install_tools TOOL…: installs what is not there; fails when something is still missing then.
install_tools() {
  local tool package attempt chosen missing=("$@")
  # An unrelated source that does not answer is no reason to stop; a missing package is.
  apt-get -o DPkg::Lock::Timeout=600 -qq update >"$tmp/apt.log" 2>&1 || true
  # A second time for what the first had to remove, such as an older release of one of these.
  for attempt in first second; do
    readarray -t chosen < <(for tool in "${missing[@]}"; do packages_of "$tool"; done | sort -u)
    [ ${#chosen[@]} -gt 0 ] || break
    say "installing ${chosen[*]} ($attempt attempt)"
    # Packages of different releases can exclude each other when they are chosen together, and fit when they
    # come one after another.
    apt_install "${chosen[@]}" || for package in "${chosen[@]}"; do
      apt_install "$package" || true
    done
    readarray -t missing < <(for tool in "${missing[@]}"; do there "$tool" || printf '%s\n' "$tool"; done)
    [ ${#missing[@]} -gt 0 ] || return 0
  done
  tail -n 40 "$tmp/apt.log"
  return 1
}
