#!/usr/bin/env bash
# Debian's Linux kernel with a small initrd, packaged by us, boots out of docker's store to its own
# /init, which is given what `inspect` said it would be.
# needs: bimanix services apt-get cpio gcc qemu-system-x86_64
source "$(dirname "$0")/lib.sh"
begin

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
chmod 0777 "$work"
(cd "$work" && apt-get -qq download "$name") 2>"$work/apt.log" || cat "$work/apt.log"
succeeds "the kernel package is there" dpkg-deb -x "$work"/linux-image-*.deb "$work/package"
mkdir "$work/project"
cp "$work"/package/boot/vmlinuz-* "$work/project/vmlinuz"

cat >"$work/init.c" <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int main(int count, char **words, char **variables) {
  mkdir("/dev", 0755);
  mknod("/dev/console", S_IFCHR | 0600, makedev(5, 1));
  int console = open("/dev/console", O_WRONLY);
  dprintf(console, "\n");
  for (int at = 0; at < count; at++) dprintf(console, "word %s\n", words[at]);
  for (; *variables; variables++) dprintf(console, "variable %s\n", *variables);
  dprintf(console, "done\n");
  fsync(console);
  reboot(RB_POWER_OFF);
  return 1;
}
C
mkdir "$work/root"
succeeds "the init compiles" gcc -static -Os -s -o "$work/root/init" "$work/init.c"
(cd "$work/root" && echo init | cpio --quiet -o -H newc -R 0:0 >"$work/project/initrd.cpio")

cat >"$work/project/args.nix" <<'N'
{
  name = "linux";
  files = {
    "vmlinuz" = "/boot/vmlinuz";
    "initrd.cpio" = "/boot/initrd";
  };
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/boot/vmlinuz";
    initrd = "/boot/initrd";
    cmdline = "/init serve --port=80";
  };
  env.MODE = "test";
}
N
succeeds "check finds nothing" "$BIMANIX" check "$work/project"
succeeds "build" "$BIMANIX" build "$work/project" -o "$work/result"
succeeds "docker load" docker load --input "$work/result"
succeeds "docker save" docker save --output "$work/saved" linux:latest
succeeds "inspect what docker saves" "$BIMANIX" inspect --json "$work/saved"
inspected=$out
said() {
  jq -r "$1" <<<"$inspected"
}
same "it finds nothing wrong" "[]" "$(said '[.findings[] | select(.severity == "error").code] | tostring')"
release=${name#linux-image-}
contains "it knows the version" "$release" "$(said '.bootFiles[0].facts.linuxVersion.value')"
same "it knows the guest" linux "$(said '.bootFiles[0].facts.guest.value')"
same "it knows the architecture" amd64 "$(said '.bootFiles[0].facts.architecture.value')"
contains "it knows the boot protocol" "Linux/x86 boot protocol 2." "$(said '.bootFiles[0].facts.boot')"
contains "it knows the initrd" "cpio" "$(said '.bootFiles[1].facts.format')"
same "it knows the monitor" qemu-system-x86_64 "$(said '.urunc[] | select(.era == "2026" and .engine == "docker").monitor')"
line=$(said '.urunc[] | select(.era == "2026" and .engine == "docker").commandLine')
same "it knows the command line" \
  "panic=-1 console=… ip=… PATH=… HOSTNAME=… MODE=test rdinit=/init -- serve --port=80" "$line"

succeeds "docker create" docker create --network none linux:latest
container=$out
succeeds "docker cp kernel" docker cp "$container:/boot/vmlinuz" "$work/kernel"
succeeds "docker cp initrd" docker cp "$container:/boot/initrd" "$work/initrd"
docker rm "$container" >/dev/null
# What the runtime would fill in.
line=${line//console=…/console=ttyS0}
line=${line// ip=…/}
line=${line//PATH=…/PATH=/bin}
line=${line//HOSTNAME=…/HOSTNAME=linux}
status=0
timeout --foreground --kill-after=5 300 qemu-system-x86_64 -accel tcg -m 256 -nodefaults \
  -no-user-config -no-reboot -display none -serial "file:$work/serial" -kernel "$work/kernel" \
  -initrd "$work/initrd" -append "$line quiet" >"$work/qemu.log" 2>&1 </dev/null || status=$?
same "the guest powers off" 0 "$status"
cat "$work/qemu.log"
tr -d '\r' <"$work/serial" >"$work/printed" || : >"$work/printed"
words=$(sed -n 's/^word //p' "$work/printed" | tr '\n' ' ')
# `quiet` stands behind the `--`, where it is the guest's.
same "its /init gets its words" "/init serve --port=80 quiet " "$words"
contains "its /init gets its environment" "variable MODE=test" "$(cat "$work/printed")"
