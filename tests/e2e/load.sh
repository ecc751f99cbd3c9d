#!/usr/bin/env bash
# `bimanix load` gives an image to each engine by its own client, without a tar on the disk, and says what
# went wrong when there is none.
# needs: bimanix services strace alone
source "$(dirname "$0")/lib.sh"
begin

mkdir "$work/project" "$work/bin"
cp "$repo/examples/hello-qemu/hello.elf" "$work/project/hello.elf"
cat >"$work/project/args.nix" <<'N'
{ tag ? "v1" }:
{
  name = "example.org/bimanix/load";
  inherit tag;
  files."hello.elf" = "/unikernel/hello.elf";
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/hello.elf";
    cmdline = "hello";
  };
}
N
# The clients as these tests start them, under the names by which they are looked for.
printf '#!/bin/sh\nexec %q "$@"\n' "$DOCKER" >"$work/bin/docker"
printf '#!/bin/sh\nexec %s "$@"\n' "$(type -P ctr)" >"$work/bin/ctr"
printf '#!/bin/bash\nexec %s %s --root %q --runroot %q --storage-driver vfs "$@"\n' \
  "$(printf '%q ' "${isolated[@]}")" "$(type -P podman)" \
  "$PODMAN_DIR/root" "$PODMAN_DIR/runroot" >"$work/bin/podman"
chmod +x "$work"/bin/*

# bimanix ARGUMENT…: with those clients.
bimanix() {
  PATH=$work/bin:$PATH "$BIMANIX" "$@"
}

image=example.org/bimanix/load
succeeds "build" "$BIMANIX" build --json "$work/project" -o "$work/result"
built=$out
config=$(jq -r .config <<<"$built")
manifest=$(jq -r .manifest <<<"$built")

succeeds "load into docker" bimanix load "$work/project" --into docker
contains "it prints what was loaded" "$manifest" "$out"
same "docker has it" "$config" "$(docker image inspect --format '{{.Id}}' "$image:v1")"
succeeds "load into containerd" bimanix load "$work/project" --into containerd --namespace load
same "containerd has it" "$manifest" \
  "$(ctr --namespace load images ls "name==$image:v1" | tail -n +2 | awk '{ print $3 }')"
CONTAINERD_NAMESPACE=of-environment succeeds "load into the namespace of the environment" \
  bimanix load "$work/project" --into containerd
same "containerd has it there" "$manifest" \
  "$(ctr --namespace of-environment images ls "name==$image:v1" | tail -n +2 | awk '{ print $3 }')"
CONTAINERD_NAMESPACE=of-environment succeeds "the flag goes before the environment" \
  bimanix load "$work/project" --into containerd --namespace of-flag
same "containerd has it in that of the flag" "$manifest" \
  "$(ctr --namespace of-flag images ls "name==$image:v1" | tail -n +2 | awk '{ print $3 }')"
succeeds "load into podman" bimanix load "$work/project" --into podman
same "podman has it" "${config#sha256:}" "$(podman image inspect --format '{{.Id}}' "$image:v1")"
same "no tar is left" "$(printf 'bin\nproject\nresult\n')" "$(ls "$work")"

succeeds "arguments reach the function" \
  bimanix load "$work/project" --into docker --argstr tag v2
succeeds "docker has the other tag" docker image inspect "$image:v2"
docker image rm --force "$image:v1" >/dev/null
succeeds "load an image that is there" bimanix load "$work/result" --into docker
same "docker has it again" "$config" "$(docker image inspect --format '{{.Id}}' "$image:v1")"
gzip -k "$work/result"
docker image rm --force "$image:v1" >/dev/null
succeeds "load a compressed one" bimanix load "$work/result.gz" --into docker
same "docker has it once more" "$config" "$(docker image inspect --format '{{.Id}}' "$image:v1")"

# bima's command line, which is that of this program when it is called so.
ln -s "$BIMANIX" "$work/bin/bima"
mkdir "$work/redis"
cp "$repo/hello.hvt" "$work/redis/redis.hvt"
cat >"$work/redis/Containerfile" <<'C'
FROM scratch
COPY redis.hvt /unikernel/redis.hvt
LABEL com.urunc.unikernel.binary=/unikernel/redis.hvt
LABEL "com.urunc.unikernel.cmdline"='redis-server /data/conf/redis.conf'
LABEL "com.urunc.unikernel.unikernelType"="rumprun"
LABEL "com.urunc.unikernel.hypervisor"="hvt"
C
# as_bima ARGUMENT…: in the folder of the Containerfile.
as_bima() {
  (cd "$work/redis" && PATH=$work/bin:$PATH exec "$work/bin/bima" "$@")
}
# imported NAMESPACE: the digest of the image that containerd has there.
imported() {
  ctr --namespace "$1" images ls 'name==example.org/bimanix/redis:v1' | tail -n +2 | awk '{ print $3 }'
}
succeeds "bima writes a tar" as_bima build -t example.org/bimanix/redis:v1 --tar .
same "it is called like the image" redis:v1 "$(ls "$work/redis" | grep :)"
digest=$(tar -xOf "$work/redis/redis:v1" index.json | jq -r '.manifests[0].digest')
rm "$work/redis/redis:v1"
succeeds "bima imports into containerd" as_bima build -t example.org/bimanix/redis:v1 -n bima .
same "it prints the digest" "$digest" "$out"
same "containerd has it" "$digest" "$(imported bima)"
same "nothing is left" "$(printf 'Containerfile\nredis.hvt')" "$(ls "$work/redis")"
CONTAINERD_ADDRESS=$work/nobody succeeds "bima imports by an address, with a snapshotter" \
  as_bima build -t example.org/bimanix/redis:v1 -a "$CONTAINERD_ADDRESS" -n bima-native --snapshotter native .
same "containerd has it there" "$digest" "$(imported bima-native)"
same "the snapshotter has its layers" 2 \
  "$(ctr --namespace bima-native snapshots --snapshotter native ls | tail -n +2 | wc -l)"
rm -r "$work/redis"

# A layout becomes the archive that `build` writes, as long as no file in it is large.
succeeds "build a layout" "$BIMANIX" build "$work/project" --format layout -o "$work/layout"
docker image rm --force "$image:v1" >/dev/null
for engine in docker containerd podman; do
  succeeds "load a layout into $engine" bimanix load "$work/layout" --into "$engine"
done
same "docker has the layout's image" "$config" "$(docker image inspect --format '{{.Id}}' "$image:v1")"
mkdir "$work/kept"
printf '#!/bin/sh\ncat >%q\n' "$work/kept/stdin" >"$work/kept/docker"
chmod +x "$work/kept/docker"
PATH=$work/kept:$PATH succeeds "load a layout into a file" \
  "$BIMANIX" load "$work/layout" --into docker
same_bytes "it is the archive" "$work/result" "$work/kept/stdin"

# Killed at any moment, a load leaves no image but a whole one, and nothing here.
head -c 40000000 /dev/urandom >"$work/project/data"
sed 's,"hello.elf" = ,"data" = "/data"; files.&,' "$work/project/args.nix" >"$work/project/large.nix"
before=$(ls -A "$work/project" "$work")
killed=0
for round in $(seq 12); do
  status=0
  (PATH=$work/bin:$PATH && exec "$BIMANIX" load "$work/project/large.nix" --into docker \
    --argstr tag "k$round") >/dev/null 2>&1 &
  pid=$!
  sleep "0.$(printf '%03d' $((round * 15)))"
  # The client's input ends with it.
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || status=$?
  [ "$status" -eq 0 ] || killed=$((killed + 1))
  if docker image inspect "$image:k$round" >/dev/null 2>&1; then
    container=$(docker create --network none "$image:k$round")
    docker cp "$container:/data" "$work/out" >/dev/null
    docker rm "$container" >/dev/null
    same_bytes "load killed after $((round * 15)) ms: the image is whole" "$work/project/data" "$work/out"
    rm "$work/out"
  else
    pass "load killed after $((round * 15)) ms: no image"
  fi
done
same "a killed load leaves nothing" "$before" "$(ls -A "$work/project" "$work")"
[ "$killed" -gt 0 ] && pass "some loads were killed in time" || fail "some loads were killed in time"
rm "$work/project/data" "$work/project/large.nix"

# fails WHAT CODE WORDS COMMAND…
fails() {
  local what=$1 code=$2 words=$3 status=0 said
  shift 3
  said=$("$@" 2>&1) || status=$?
  same "$what: exit code" "$code" "$status"
  contains "$what: it says why" "$words" "$said"
}
fails "no client" 3 '`docker` is not on the PATH' env PATH="$work" "$BIMANIX" load "$work/project" --into docker
DOCKER_HOST=unix://$work/nobody fails "no daemon" 3 "$work/nobody" \
  bimanix load "$work/project" --into docker
CONTAINERD_ADDRESS=$work/nobody fails "no containerd" 3 "nobody" \
  bimanix load "$work/project" --into containerd
printf 'not\0an\377image' >"$work/garbage"
fails "no image" 3 '`docker load --quiet` failed' bimanix load "$work/garbage" --into docker
sed "s/name = \"[^\"]*\"/name = \"gr$(printf '\374')n\"/" "$work/project/args.nix" >"$work/latin1.nix"
fails "a name that is no UTF-8" 1 '`name` is not UTF-8' bimanix load "$work/latin1.nix" --into docker
status=0
said=$(PATH=$work/kept:$PATH strace -f -qq -o /dev/null -P "$work/result" --inject=read:error=EIO:when=6+ \
  "$BIMANIX" load "$work/result" --into docker 2>&1) || status=$?
same "an image that cannot be read: exit code" 3 "$status"
contains "an image that cannot be read: it says so" 'image/source' "$said"
fails "an image takes no arguments" 1 'takes no argument `tag`' \
  bimanix load "$work/result" --into docker --argstr tag v3
cp "$work/project/args.nix" "$work/project/recipe"
docker image rm --force "$image:v4" >/dev/null 2>&1 || true
succeeds "a recipe of another name" bimanix load "$work/project/recipe" --into docker --argstr tag v4
succeeds "docker has its image" docker image inspect "$image:v4"
fails "nothing there" 1 "cannot read" bimanix load "$work/nothing" --into docker
sed -i 's/hello.elf" = /missing" = /' "$work/project/args.nix"
fails "a recipe that is refused" 1 "files/missing" bimanix load "$work/project" --into docker --argstr tag v3
fails "and nothing is loaded" 1 "v3" docker image inspect "$image:v3"
skopeo copy --quiet "oci:$work/layout" "oci:$work/nameless:tag"
fails "a layout whose image has no name" 1 "load/no-name" bimanix load "$work/nameless" --into docker
skopeo copy --quiet "oci:$work/layout:v1" "oci:$work/two:example.org/a:1"
skopeo copy --quiet "oci:$work/layout:v1" "oci:$work/two:example.org/b:1"
fails "a layout of two images" 1 "image/not-one" bimanix load "$work/two" --into docker
blob=$(jq -r '.layers[0].digest' "$work/layout/blobs/sha256/${manifest#sha256:}")
printf 'x' >>"$work/layout/blobs/sha256/${blob#sha256:}"
fails "a layout that is damaged" 1 "image/broken-part" bimanix load "$work/layout" --into docker
