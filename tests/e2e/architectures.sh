#!/usr/bin/env bash
# One image for two architectures: of one args.nix, or put together of two that were built apart. Every engine takes the
# one for its own architecture, and what cannot be put together is refused.
# needs: bimanix services python3
source "$(dirname "$0")/lib.sh"
begin

project=$work/project
mkdir "$project"
cp "$repo/examples/hello-qemu/hello.elf" "$project/amd64.elf"
# The head of a Linux `Image` for arm64, by which its architecture is known.
python3 - "$project/arm64.image" <<'PY'
import struct, sys
head = bytearray(4096)
head[0:4] = b"\x0d\xa0\x00\x14"
struct.pack_into("<QQ", head, 0x10, 4096, 10)
head[0x38:0x3C] = b"ARM\x64"
open(sys.argv[1], "wb").write(head)
PY
head -c 3000000 /dev/urandom >"$project/data"
name=$REGISTRY/bimanix/architectures
cat >"$project/args.nix" <<N
{
  name = "$name";
  tag = "v1";
  files."data" = "/data";
  env.SHARED = "yes";
  annotations = {
    unikernelType = "linux";
    hypervisor = "qemu";
    binary = "/.boot/kernel";
    cmdline = "/bin/serve";
  };
  architectures = {
    amd64.files."amd64.elf" = "/.boot/kernel";
    arm64 = {
      files."arm64.image" = "/.boot/kernel";
      env.OWN = "arm64";
    };
  };
}
N
image=$work/image
succeeds "build" "$BIMANIX" build --json "$project" -o "$image"
index=$(jq -r .index <<<"$out")
# of ARCHITECTURE FIELD: what `build` says of an image.
built=$out
of() {
  jq -r --arg architecture "$1" ".images[] | select(.architecture == \$architecture) | $2" <<<"$built"
}
same "two images" "amd64 arm64" "$(jq -r '[.images[].architecture] | join(" ")' <<<"$built")"
mkdir "$work/layout"
tar -xf "$image" -C "$work/layout"
same "the name leads to the index" "$index application/vnd.oci.image.index.v1+json" \
  "$(jq -r '.manifests[0] | "\(.digest) \(.mediaType)"' "$work/layout/index.json")"
same "the index says the platforms" "linux/amd64 linux/arm64" \
  "$(jq -r '[.manifests[].platform | "\(.os)/\(.architecture)"] | join(" ")' "$work/layout/blobs/${index/://}")"
same "what they share is there once" 1 \
  "$(find "$work/layout/blobs/sha256" -size +2900k | wc -l)"
same "no name twice in the tar" "" "$(tar -tf "$image" | sort | uniq -d)"
same "what is shared" "SHARED=yes" "$(of amd64 '.env[]')"
same "and what is not" "OWN=arm64 SHARED=yes" "$(of arm64 '.env | sort | join(" ")')"

# The same in other ways.

"$BIMANIX" build "$project" -o - >"$work/streamed" 2>/dev/null || true
same_bytes "as a stream" "$image" "$work/streamed"
succeeds "as a layout" "$BIMANIX" build "$project" --format layout -o "$work/folder"
same "the same index in a layout" "$index" "$(jq -r '.manifests[0].digest' "$work/folder/index.json")"
for form in gzip zstd; do
  succeeds "$form" "$BIMANIX" build "$project" --compression "$form" -o "$work/$form"
  succeeds "$form: it is read" "$BIMANIX" inspect --json "$work/$form"
  same "$form: both are there" 2 "$(jq '.images | length' <<<"$out")"
done
succeeds "--if-changed" "$BIMANIX" build --if-changed "$project" -o "$image"
for architecture in amd64 arm64; do
  succeeds "$architecture alone" "$BIMANIX" build --json --platform "linux/$architecture" "$project" \
    -o "$work/$architecture"
  same "$architecture alone: the same manifest, without an index" "$(of "$architecture" .manifest)" \
    "$(jq -r .manifest <<<"$out")"
done
succeeds "index" "$BIMANIX" index "$work/arm64" "$work/amd64" -o "$work/joined"
mkdir "$work/joined-layout"
tar -xf "$work/joined" -C "$work/joined-layout"
same "built apart, the same parts" "" "$(diff -r "$work/layout" "$work/joined-layout")"
"$BIMANIX" index "$work/arm64" "$work/amd64" -o - >"$work/streamed" 2>/dev/null || true
same_bytes "put together as a stream" "$work/joined" "$work/streamed"
succeeds "index of layouts" "$BIMANIX" index --format layout "$work/amd64" "$work/arm64" -o "$work/joined-folder"
same "a layout of both" "" "$(diff -r "$work/folder" "$work/joined-folder")"
succeeds "index with another name" "$BIMANIX" index "$work/amd64" "$work/arm64" -t example.org/other:v2 -o "$work/other"
succeeds "inspect" "$BIMANIX" inspect --json "$work/other"
same "it has the name" "example.org/other:v2" "$(jq -r '[.images[].names[]] | unique | join(" ")' <<<"$out")"
contains "inspect says what urunc does not read" "urunc/index" "$("$BIMANIX" inspect "$image")"

# The engines of this machine, which is amd64 or arm64.

case $(uname -m) in
  x86_64) own=amd64 ;;
  aarch64) own=arm64 ;;
esac
if [ "$own" == amd64 ]; then
  # docker's list knows no platforms: the name is that of amd64.
  succeeds "docker load" docker load --quiet --input "$image"
  same "docker has its own architecture" "$(of amd64 .config)" "$(docker image inspect --format '{{.Id}}' "$name:v1")"
  succeeds "load into docker" "$BIMANIX" load --into docker "$project"
  succeeds "load of a layout into docker" "$BIMANIX" load --into docker "$work/folder"
fi
succeeds "load of the other one into docker" "$BIMANIX" load --into docker --platform linux/arm64 "$project"
same "docker has the other architecture" "$(of arm64 .config)" "$(docker image inspect --format '{{.Id}}' "$name:v1")"
succeeds "ctr images import" ctr images import --snapshotter native --all-platforms "$image"
same "containerd's target is the index" "$index" "$(ctr images ls "name==$name:v1" | awk 'NR == 2 { print $3 }')"
contains "containerd knows both platforms" "linux/amd64,linux/arm64" "$(ctr images ls "name==$name:v1")"
succeeds "podman load" podman load --quiet --input "$image"
same "podman has its own architecture" "$own" "$(podman image inspect --format '{{.Architecture}}' "$name:v1")"
for architecture in amd64 arm64; do
  succeeds "skopeo takes $architecture" \
    skopeo --override-arch "$architecture" copy --quiet --preserve-digests "oci-archive:$image" "oci:$work/skopeo-$architecture:v1"
  same "skopeo has the manifest of $architecture" "$(of "$architecture" .manifest)" \
    "$(jq -r '.manifests[0].digest' "$work/skopeo-$architecture/index.json")"
  succeeds "umoci unpacks $architecture" \
    umoci unpack --rootless --image "$work/skopeo-$architecture:v1" "$work/bundle-$architecture"
done
same_bytes "the kernel of amd64" "$project/amd64.elf" "$work/bundle-amd64/rootfs/.boot/kernel"
same_bytes "the kernel of arm64" "$project/arm64.image" "$work/bundle-arm64/rootfs/.boot/kernel"

# A registry.

# pushed WHAT REFERENCE: what is there leads to the same images.
pushed() {
  same "$1: the index" "$index" "sha256:$(skopeo inspect --raw --tls-verify=false "docker://$2" | sha256sum | cut -d ' ' -f 1)"
  for architecture in amd64 arm64; do
    succeeds "$1: skopeo takes $architecture" skopeo --override-arch "$architecture" inspect --tls-verify=false "docker://$2"
    same "$1: its architecture" "$architecture" "$(jq -r .Architecture <<<"$out")"
  done
}
succeeds "push" "$BIMANIX" push --json "$project"
same "push says what was pushed" "$index" "$(jq -r .manifest <<<"$out")"
# Three layers of each, of which two are the same, and two configurations.
same "what they share is sent once" 6 "$(jq .sentBlobs <<<"$out")"
pushed "push" "$name:v1"
succeeds "push again" "$BIMANIX" push --json "$project"
same "nothing is sent again" 0 "$(jq .sentBlobs <<<"$out")"
succeeds "push of the archive" "$BIMANIX" push "$image" "$REGISTRY/archive/architectures:x"
pushed "push of the archive" "$REGISTRY/archive/architectures:x"
succeeds "push of the layout" "$BIMANIX" push "$work/joined-folder" "$REGISTRY/layout/architectures:x"
pushed "push of the layout" "$REGISTRY/layout/architectures:x"
if [ "$own" == amd64 ]; then
  succeeds "docker pulls its own" docker pull --quiet "$name:v1"
  same "docker has its own" "$(of amd64 .config)" "$(docker image inspect --format '{{.Id}}' "$name:v1")"
fi
succeeds "containerd pulls it" ctr images pull --plain-http --platform "linux/$own" --snapshotter native "$name:v1"
# What is there is compared with the recipe.
export XDG_CACHE_HOME=$work/cache
succeeds "verify, in the registry" "$BIMANIX" verify "docker://$name:v1" "$project"
contains "verify says the digest" "$index" "$out"
same "nothing is pulled for that" "" "$(find "$work/cache" -name "$(of amd64 '.layers[0].digest' | cut -d : -f 2)" 2>/dev/null)"
succeeds "verify of one architecture" "$BIMANIX" verify --platform linux/arm64 "docker://$name:v1" "$project"
succeeds "diff with the archive" "$BIMANIX" diff "docker://$name:v1" "$image"
same "there is no difference" "" "$out"
sed 's|cmdline = "/bin/serve"|cmdline = "/bin/other"|' "$project/args.nix" >"$project/newer.nix"
status=0
"$BIMANIX" verify "docker://$name:v1" "$project/newer.nix" >"$work/stdout" 2>"$work/stderr" || status=$?
same "verify with a newer recipe: exit code" 1 "$status"
contains "verify with a newer recipe: it says so" "error[verify/differs]: \`$name:v1\` is not what \`$project/newer.nix\` makes" \
  "$(cat "$work/stderr")"
contains "verify with a newer recipe: it says where" '+ annotations.com.urunc.unikernel.cmdline  "/bin/other"' "$(cat "$work/stdout")"
status=0
"$BIMANIX" diff --json "docker://$name:v1" "$work/arm64" >"$work/stdout" 2>"$work/stderr" || status=$?
same "diff with one of the two" "1 linux/amd64" "$status $(jq -r '.platforms[].what' "$work/stdout")"
status=0
"$BIMANIX" verify "docker://$REGISTRY/no/such:x" "$project" >"$work/stdout" 2>"$work/stderr" || status=$?
same "verify of what is not there: exit code" 3 "$status"
contains "verify of what is not there: it says so" "error[registry/" "$(cat "$work/stderr")"
# An image of ours can be built on.
mkdir "$work/above"
cp "$project/arm64.image" "$work/above/kernel"
printf '{ name = "above"; architecture = "arm64"; base = "%s@%s"; kernel = ./kernel; cmd = [ "/x" ]; }' "$name" "$index" \
  >"$work/above/args.nix"
succeeds "a base of both" env XDG_CACHE_HOME="$work/cache" "$BIMANIX" build --json --plain-http "$work/above" -o "$work/result"
same "its own one is taken" "OWN=arm64 SHARED=yes" "$(jq -r '.env | sort | join(" ")' <<<"$out")"

# What is refused, with nothing written.

# refused WHAT NEEDLE COMMAND…
refused() {
  local status=0 what=$1 needle=$2
  shift 2
  (cd "$work" && "$@") >"$work/stdout" 2>"$work/stderr" || status=$?
  same "$what: exit code" 1 "$status"
  contains "$what: the message" "$needle" "$(cat "$work/stderr")"
  same "$what: nothing is written" "" "$(ls "$work"/refused* 2>/dev/null)"
}
refused "one architecture twice" "error[index/platform]: two images are for linux/arm64" \
  "$BIMANIX" index "$work/arm64" "$image" -o refused
refused "one image alone" "error[index/platform]: there is only one image, for linux/arm64" \
  "$BIMANIX" index "$work/arm64" -o refused
sed 's/tag = "v1"/tag = "v2"/' "$project/args.nix" >"$project/other.nix"
succeeds "another tag" "$BIMANIX" build --platform linux/amd64 "$project/other.nix" -o "$work/v2"
refused "images with different names" "the images have different names: \`$name:v2\` in \`$work/v2\`, and \`$name:v1\` in" \
  "$BIMANIX" index "$work/v2" "$work/arm64" -o refused
refused "a half that is not there" "cannot read \`$work/nowhere\`" "$BIMANIX" index "$work/nowhere" "$work/amd64" -o refused
cp -r "$work/folder" "$work/halved"
manifest=$(of arm64 .manifest)
lost=$(jq -r '.layers[0].digest' "$work/halved/blobs/${manifest/://}")
rm "$work/halved/blobs/${lost/://}"
refused "a layout that lacks a layer" "${lost#sha256:}" "$BIMANIX" push "$work/halved" "$REGISTRY/halved/x:x"
same "no tag of it" "" "$(skopeo list-tags --tls-verify=false "docker://$REGISTRY/halved/x" 2>/dev/null)"
rm "$work/halved/blobs/${manifest/://}"
refused "a layout that lacks an image" "${manifest#sha256:}" "$BIMANIX" push "$work/halved" "$REGISTRY/halved/x:x"
same "no tag of that" "" "$(skopeo list-tags --tls-verify=false "docker://$REGISTRY/halved/x" 2>/dev/null)"
cp -r "$work/folder" "$work/changed"
data=$(find "$work/changed/blobs/sha256" -size +2900k)
printf x | dd of="$data" bs=1 seek=1000000 conv=notrunc status=none
refused "a layout with a changed blob" "error[" "$BIMANIX" index "$work/changed" "$work/amd64" -o refused
refused "an architecture that is not there" "error[recipe/architectures]: args.nix has no architecture \`riscv64\`" \
  "$BIMANIX" build --platform linux/riscv64 "$project" -o refused
