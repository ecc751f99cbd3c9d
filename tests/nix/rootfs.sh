#!/usr/bin/env bash
# A root file system for the guest, with a kernel and an init: Nix finds their files, and the bytes are those of `bimanix
# build`; a closure goes in with all that it refers to.
# needs: bimanix nix-build namespaces cpio zstd busybox
# shellcheck disable=SC2016 # Backticks and ${ } in single quotes are Nix, or words.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"

project=$scratch/project
mkdir -p "$project/site/deep"
cp "$repo/examples/hello-qemu/hello.elf" "$project/vmlinuz"
printf '#!/bin/sh\n' > "$project/urunit"
echo page > "$project/site/deep/page"
ln -s deep/page "$project/site/link"
echo other > "$project/unrelated"

# args KERNEL INIT ROOTFS [HEAD]
args() {
  cat > "$project/args.nix" <<END
${4-}
{
  name = "guest";
  kernel = $1;
  init = $2;
  cmd = [ "/bin/server" ];
  files."./site/deep/page" = "/page";
  rootfs = { $3 };
  architecture = "amd64";
}
END
}
build() {
  nix-build "$repo/default.nix" --arg bimanix "$BIMANIX" --arg argsFile "$project" --no-out-link "$@"
}

for rootfs in 'type = "initrd"; from = ./site; files."./urunit" = "/sbin/other";' \
  'type = "block"; files."./site" = "/srv"; size = "2 MiB";' \
  'type = "block"; fsType = "ext4"; files.x = { path = "/x"; source = ./site; };' \
  'type = "initrd"; compression = "zstd"; files."site" = "/srv/";' \
  'type = "raw"; from = "./site";'; do
  args ./vmlinuz ./urunit "$rootfs"
  "$BIMANIX" build "$project" -o "$scratch/by-hand.tar" > /dev/null
  same_bytes "$rootfs" "$scratch/by-hand.tar" "$(build)"
done
first=$(build)
for kernel in '"vmlinuz"' '"./vmlinuz"' "\"$project/vmlinuz\""; do
  args "$kernel" ./urunit 'type = "raw"; from = ./site;'
  same_bytes "kernel = $kernel" "$first" "$(build)"
done
for init in '"urunit"' '{ source = ./urunit; path = "/urunit"; }'; do
  args ./vmlinuz "$init" 'type = "raw"; from = ./site;'
  same_bytes "init = $init" "$first" "$(build)"
done
"$(build -A stream)/bin/stream-guest" > "$scratch/stream.tar"
same_bytes 'stream: the same bytes' "$first" "$scratch/stream.tar"

drv() {
  nix-instantiate "$repo/default.nix" --arg bimanix "$BIMANIX" --arg argsFile "$project"
}
before=$(drv)
echo changed > "$project/unrelated"
equal 'a file that is not named rebuilds nothing' "$before" "$(drv)"
echo changed > "$project/site/deep/page"
differ 'a file of the root file system does' "$before" "$(drv)"

args ./vmlinuz ./none 'type = "raw"; from = ./site;'
refuses 'an init that is not there' "buildImage: init: there is no $project/none" -- build
args ./vmlinuz ./urunit 'type = "raw"; from = ./none;'
refuses 'a folder that is not there' "buildImage: rootfs.from: there is no $project/none" -- build
args ./vmlinuz ./urunit 'type = "block"; fsType = "ext3"; from = ./site;'
refuses 'what is refused is shown in args.nix' 'rootfs/type' 'args.nix:8:' -- build

# image SYSTEM MORE: what buildImage makes of a stand-in for a system, which refers to another path of the store
# It goes by the name that it is called by.
mkdir "$scratch/busybox"
cp "$(type -P busybox)" "$scratch/busybox/busybox"
toplevel="
  let
    busybox = \"\${builtins.path { path = $scratch/busybox; name = \"busybox\"; }}/busybox\";
    program = builtins.toFile \"program\" \"#!/bin/sh\";
    run = name: script: derivation {
      inherit name;
      system = builtins.currentSystem;
      builder = busybox;
      args = [ \"sh\" \"-c\" script ];
    };
    kernel = builtins.path { path = $project/vmlinuz; name = \"vmlinuz\"; };
  in
  run \"system\" ''
    \${busybox} mkdir \$out
    \${busybox} ln -s \${kernel} \$out/kernel
    \${busybox} ln -s \${program} \$out/init
  ''"
example() {
  nix-build --no-out-link "$repo/examples/linux-nixos" --arg toplevel "$toplevel" \
    --arg lib "import $repo/nix/lib { bimanix = $BIMANIX; system = builtins.currentSystem; }" "$@"
}
image=$(example)
"$BIMANIX" inspect "$image" > /dev/null
ok 'the example: nothing is wrong with the image'
mkdir "$scratch/layout"
tar -xf "$image" -C "$scratch/layout"
for layer in $(jq -r '.[0].Layers[]' "$scratch/layout/manifest.json"); do
  tar -xf "$scratch/layout/$layer" -C "$scratch" .boot/rootfs 2> /dev/null || true
done

zstd -dcq "$scratch/.boot/rootfs" 2> /dev/null > "$scratch/initrd" || true
cpio -it --quiet < "$scratch/initrd" | sort > "$scratch/names"
for name in system system/init system/kernel program vmlinuz; do
  grep -q "^${scratch#/}/store/[0-9a-z]*-$name\$" "$scratch/names" || fail "the closure lacks $name"
  ok "the closure has $name"
done
equal 'its init is that of the system, and nothing is given to it' \
  "[\"$(realpath -s "$(nix-build --no-out-link -E "$toplevel")")/init\"] []" \
  "$(jq -c '.config.Entrypoint, (.config.Cmd // [])' "$scratch/layout/$(jq -r '.[0].Config' "$scratch/layout/manifest.json")" | paste -sd' ')"
"$(example -A stream)/bin/stream-nixos" > "$scratch/stream.tar"
same_bytes 'stream: the closure is spelled out' "$image" "$scratch/stream.tar"

args ./vmlinuz ./urunit 'type = "block"; closure = [ "/nix/store/x-hello" ];'
refuses 'a closure without Nix' 'rootfs/closure' 'buildImage' -- "$BIMANIX" check "$project"

done_testing
