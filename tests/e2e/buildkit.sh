#!/usr/bin/env bash
# `docker build` with our frontend: in the docker of this machine, and in docker 26 with either of its stores, the same
# texts give the same images as `bimanix build`; what is wrong is said in the client's terminal.
# needs: build cc bimanix services debootstrap jq python3 qemu-system-x86_64
source "$(dirname "$0")/lib.sh"
repo=$(cd "$(dirname "$0")/../.." && pwd)
triple=$(rustc --print host-tuple)
# The lines of the README, the first of which compiles.
readarray -t lines < <("$repo/tests/runner/readme" sh "With docker build")
if [ "${1-}" == build ]; then
  cd "$repo"
  eval "${lines[0]/--release/--profile trial --locked}"
  exit
fi
begin
target=$(cargo metadata --format-version 1 --no-deps --locked --manifest-path "$repo/Cargo.toml" |
  sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
trial=$target/$triple/trial/bimanix
export DOCKER_BUILDKIT=1 BUILDKIT_PROGRESS=plain

# Debian 13, whose docker is younger than that of Debian 12. It has a mount namespace of its own, and in it a root of
# its own, for runc changes how `/` is mounted.
debian=$work/debian
bootstrapped() {
  local attempt
  for attempt in 1 2 3; do
    ! debootstrap --variant=minbase --include=docker.io,docker-cli,docker-buildx,ca-certificates trixie "$debian" >&2 ||
      return 0
    # A mirror may not answer for a moment.
    rm -rf --one-file-system "$debian"
    sleep "$attempt"
  done
  return 1
}
succeeds "debootstrap" bootstrapped
mkdir -p "$debian/work" "$debian/etc/docker"
echo '{ "features": { "containerd-snapshotter": true } }' >"$debian/etc/docker/containerd.json"
echo '{}' >"$debian/etc/docker/classic.json"

# engine26 NAME CONFIGURATION DRIVER: starts one there; its socket is $work/NAME/docker.sock.
engine26() {
  local name=$1 configuration=$2 driver=$3
  mkdir "$work/$name"
  setsid setpriv --pdeathsig TERM unshare --mount --pid --fork --kill-child -- bash -c '
    set -e
    root=$1
    mount --bind "$root" "$root"
    mount --make-rprivate "$root"
    mount --bind "$2" "$root/work"
    mount -t proc proc "$root/proc"
    mount -t sysfs sys "$root/sys"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs -o mode=755 run "$root/run"
    mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
    shift 2
    exec chroot "$root" "$@"' engine "$debian" "$work" \
    /usr/sbin/dockerd --config-file "/etc/docker/$configuration.json" --storage-driver "$driver" \
    --data-root "/var/lib/$name" --exec-root "/run/$name" --pidfile "/run/$name.pid" --iptables=false --ip6tables=false \
    --bridge none --host "unix:///work/$name/docker.sock" >"$work/$name.log" 2>&1 </dev/null &
  local pid=$! tries
  # unshare does not pass signals on.
  later "pkill --parent $pid; wait $pid"
  for ((tries = 0; tries < 300; tries++)); do
    ! env "DOCKER_HOST=unix://$work/$name/docker.sock" "$DOCKER" version >/dev/null 2>&1 || return 0
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  fail "$name starts" "$(tail -n 20 "$work/$name.log")"
}
engine26 classic classic vfs
engine26 containerd containerd native
here=$DOCKER_HOST
# on ENGINE COMMAND…: docker of this machine is called `here`.
on() {
  local host=$here
  [ "$1" == here ] || host=unix://$work/$1/docker.sock
  shift
  DOCKER_HOST=$host timeout --kill-after=5 300 "$DOCKER" "$@"
}
engines=(here classic containerd)
old=$(on here version --format '{{.Server.Version}}')

# The image of the frontend.

succeeds "the frontend image" "$trial" frontend --image "$work/frontend.tar" -t bimanix:test
succeeds "the frontend image again" "$trial" frontend --image "$work/frontend.again" -t bimanix:test
same_bytes "it is the same" "$work/frontend.tar" "$work/frontend.again"
config=$(skopeo inspect --config "oci-archive:$work/frontend.tar")
same "it has one layer, no network, and starts the frontend" '[1,"true",["/bimanix","frontend"]]' \
  "$(jq -c '[(.rootfs.diff_ids | length), .config.Labels["moby.buildkit.frontend.network.none"], .config.Entrypoint]' <<<"$config")"
same "the plain program has no async runtime" 0 \
  "$(cargo tree --locked --edges normal --prefix none --manifest-path "$repo/Cargo.toml" | grep -c '^tokio ' || true)"
for engine in "${engines[@]}"; do
  succeeds "$engine loads it" on "$engine" load --quiet --input "$work/frontend.tar"
done

# As the README has it.

cp -a "$repo/examples/hello-docker" "$work/hello"
as_written() (
  cd "$work/hello"
  bimanix() {
    "$trial" "$@"
  }
  docker() {
    on here "$@"
  }
  eval "$1"
)
for line in "${lines[@]:1}"; do
  succeeds "$line" as_written "$line"
done
same "the example has its command line" "hello from docker build" \
  "$(on here image inspect hello | jq -r '.[0].Config.Labels["com.urunc.unikernel.cmdline"]')"

# What is built.

id_of() {
  on "$1" save "$2" | tar -xO --occurrence=1 manifest.json | jq -r '.[0].Config' | grep -o '[0-9a-f]\{64\}'
}
own_id() {
  tar -xO -f "$1" manifest.json | jq -r '.[0].Config' | grep -o '[0-9a-f]\{64\}'
}

# built ENGINE WHAT TAG ARGUMENT…: what docker says is in $said. Docker's own races are met with another try: its garbage
# collection takes a layer that is being exported, or its calls wait for each other too long.
built() {
  local engine=$1 what=$2 tag=$3 status attempt
  shift 3
  for attempt in 1 2 3; do
    status=0
    said=$(on "$engine" build "$@" --tag "$tag" 2>&1) || status=$?
    [ "$status" -ne 0 ] && grep -qE 'parent snapshot .* does not exist|flightcontrol: exceeded retry' <<<"$said" || break
    printf 'attempt %s of %s: %s\n' "$attempt" "$what" "$(tail -n 1 <<<"$said")"
  done
  same "$what: docker build ($engine)" "0 $tag" "$status $tag"
  [ "$status" -eq 0 ] || printf '%s\n' "$said"
}
# alike WHAT TAG FILE FOLDER ARGUMENT…: everywhere the image that bimanix builds.
alike() {
  local what=$1 tag=$2 file=$3 folder=$4 own engine
  shift 4
  succeeds "$what: bimanix build" "$BIMANIX" build "${own_arguments[@]}" --output "$work/own.tar"
  own=$(own_id "$work/own.tar")
  for engine in "${engines[@]}"; do
    built "$engine" "$what" "$tag" --file "$file" "$@" "$folder"
    succeeds "$what: docker save ($engine)" on "$engine" save --output "$work/saved.tar" "$tag"
    succeeds "$what: inspect finds nothing ($engine)" "$BIMANIX" inspect "$work/saved.tar"
    case $engine in
      here) same_image "$what: the same image ($engine)" "$work/own.tar" "$work/saved.tar" ;;
      *) same "$what: the same image ID ($engine)" "$own" "$(own_id "$work/saved.tar")" ;;
    esac
  done
}
# Docker before 23 writes tar headers of its own, so that files, configuration and labels are compared there.
same_image() {
  local left right
  left=$("$repo/tests/containerfile/docker/compare" --lines "$2")
  right=$("$repo/tests/containerfile/docker/compare" --lines "$3")
  same "$1" "$left" "$right"
}

project=$work/project
mkdir -p "$project/nested"
cp "$repo/hello.hvt" "$project/nested/app"
cp "$repo/examples/hello-qemu/hello.elf" "$project/hello.elf"
head -c 60000000 /dev/urandom >"$project/neighbour"
cat >"$project/annotations.nix" <<'NIX'
{ unikernelType = "rumprun"; hypervisor = "hvt"; binary = "/unikernel/app"; }
NIX
cat >"$project/args.nix" <<'NIX'
# syntax=bimanix:test
{ cmdline ? "one", tag ? "latest" }:
{
  name = "image";
  inherit tag;
  files."nested/app" = "/unikernel/app";
  annotations = import ./annotations.nix // { inherit cmdline; };
}
NIX
own_arguments=("$project/args.nix")
alike "args.nix" image:latest "$project/args.nix" "$project"
lacks "args.nix: the neighbour stays where it is" "60." "$(grep 'transferring context' <<<"$said")"
contains "args.nix: progress says what happens" "binary /unikernel/app" "$said"
contains "args.nix: and what is fetched" "[dockerfile] load annotations.nix" "$said"
own_arguments=("$project/args.nix" --argstr cmdline two)
alike "an argument" image:latest "$project/args.nix" "$project" --build-arg cmdline=two
same "a change of the command line leaves the kernel where it is" CACHED \
  "$(grep -A 5 'binary /unikernel/app$' <<<"$said" | grep -o CACHED | head -n 1)"
mkdir "$work/elsewhere"
cp "$project/args.nix" "$project/annotations.nix" "$work/elsewhere"
own_arguments=("$project/args.nix")
alike "an args.nix outside of the context" image:latest "$work/elsewhere/args.nix" "$project"

cat >"$project/Containerfile" <<'FILE'
# syntax=bimanix:test
ARG FROM=scratch
FROM $FROM
ARG LINE
COPY nested/app /unikernel/
COPY --chmod=0600 --chown=1000:7 nested /etc/nested
COPY <<CONFIGURATION /etc/configuration
line = $LINE
CONFIGURATION
LABEL com.urunc.unikernel.unikernelType=rumprun com.urunc.unikernel.hypervisor=hvt
LABEL com.urunc.unikernel.binary=/unikernel/app com.urunc.unikernel.cmdline="$LINE" own=1
ENV A=1
WORKDIR /somewhere
FILE
own_arguments=(-f "$project/Containerfile" -t image:latest --build-arg LINE=hello "$project")
alike "Containerfile" image:latest "$project/Containerfile" "$project" --build-arg LINE=hello
lacks "Containerfile: the neighbour stays where it is" "60." "$(grep 'transferring context' <<<"$said")"
built containerd "a label" image:label --file "$project/Containerfile" --label own=2 \
  --label com.urunc.unikernel.cmdline=other "$project"
same "a label of the command line" "2 other" \
  "$(on containerd image inspect image:label | jq -r '.[0].Config.Labels | "\(.own) \(."com.urunc.unikernel.cmdline")"')"
on containerd save --output "$work/saved.tar" image:label
same "is an annotation as well, which this store keeps" other \
  "$("$BIMANIX" inspect --json "$work/saved.tar" | jq -r '.annotations["com.urunc.unikernel.cmdline"]')"

cat >"$project/bunnyfile" <<'FILE'
#syntax=bimanix:test
version: v0.1
platforms:
  framework: rumprun
  monitor: hvt
  architecture: x86
kernel:
  from: local
  path: nested/app
cmdline: hello
FILE
own_arguments=(-f "$project/bunnyfile" -t image:latest "$project")
alike "bunnyfile" image:latest "$project/bunnyfile" "$project"

# Names, modes and symlinks of all kinds. The classic store sorts them by their bytes: where the name of a folder is the
# beginning of one beside it, its layer is another.
tree=$work/tree
mkdir -p "$tree/tree/empty"
cp "$repo/hello.hvt" "$tree/app"
python3 - "$tree/tree" <<'PYTHON'
import os, pathlib, sys
root = pathlib.Path(sys.argv[1])
for number in range(500):
    folder = root / "/".join(f"d{number // 4 ** depth % 4}" for depth in range(number % 4))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"file {number}").write_text("x" * number)
long = ["n" * 200, "q" * 101, "/".join(["d" * 60, "e" * 60, "f" * 90]), "d" * 60 + "/" + "e" * 39,
        "p" * 90 + "/" + "x" * 8 + "/y", "ü" * 120 + "/x", "name with blanks", "ä ö ü", "名前", "a'b\"c", "star*", "[x]"]
for name in long:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(name)
(root / "program").write_text("x")
os.chmod(root / "program", 0o755)
for name, target in [("link", "program"), ("long link", "/nothing/" + "t" * 200), ("ü link", "ü"), ("folder link", "d0")]:
    os.symlink(target, root / name)
PYTHON
cat >"$tree/args.nix" <<'NIX'
# syntax=bimanix:test
{
  name = "image";
  files = {
    "app" = { path = "/unikernel/app"; mode = "0555"; uid = 1000; gid = 7; };
    "tree" = "/data";
    "tree/ä ö ü" = "/ü/x y";
  };
  labels.own = "ü <&>";
  annotations = { unikernelType = "rumprun"; hypervisor = "hvt"; binary = "/unikernel/app"; cmdline = "a b"; };
}
NIX
own_arguments=("$tree/args.nix")
# That of docker 20.10 gives up over some hundreds of files in a layer when the machine is busy.
engines=(classic containerd)
alike "five hundred files" image:latest "$tree/args.nix" "$tree"
engines=(here classic containerd)
mkdir "$tree/tree/lib"
touch "$tree/tree/lib/x" "$tree/tree/lib-x"
succeeds "bimanix build of lib/ and lib-x" "$BIMANIX" build "$tree/args.nix" --output "$work/own.tar"
built containerd "lib/ and lib-x" image:latest --file "$tree/args.nix" "$tree"
same "in the store of containerd their order is ours" "$(own_id "$work/own.tar")" "$(id_of containerd image:latest)"
built classic "lib/ and lib-x" image:latest --file "$tree/args.nix" "$tree"
[ "$(own_id "$work/own.tar")" != "$(id_of classic image:latest)" ] &&
  pass "in the classic store it is another" || fail "in the classic store it is another: say so no longer"
on classic save --output "$work/saved.tar" image:latest
same_image "with the same files" "$work/own.tar" "$work/saved.tar"

# Bases that the engine has: as `docker save` gives them to bimanix.

mkdir "$work/based"
cp "$repo/hello.hvt" "$work/based/app"
printf 'FROM scratch\nCOPY app /boot/app\nCOPY app /etc/removed\nENV X=1\nCMD ["of", "the base"]\nUSER 7\n' >"$work/based/base"
cat >"$work/based/Containerfile" <<'FILE'
# syntax=bimanix:test
FROM base:local
LABEL com.urunc.unikernel.unikernelType=rumprun com.urunc.unikernel.hypervisor=hvt
LABEL com.urunc.unikernel.binary=/boot/app
COPY --from=base:local /boot/app /boot/again
COPY Containerfile /etc/new
ENV Y=2
FILE
cat >"$work/based/args.nix" <<'NIX'
# syntax=bimanix:test
{
  name = "image";
  base = "base:local";
  remove = [ "/etc/removed" ];
  files."Containerfile" = "/etc/new";
  annotations = { unikernelType = "rumprun"; hypervisor = "hvt"; binary = "/boot/app"; };
}
NIX
for engine in "${engines[@]}"; do
  succeeds "a base ($engine)" on "$engine" build --quiet --tag base:local --file "$work/based/base" "$work/based"
  on "$engine" save --output "$work/base.tar" base:local
  built "$engine" "on a base" image:latest --file "$work/based/Containerfile" "$work/based"
  on "$engine" save --output "$work/saved.tar" image:latest
  succeeds "on a base: bimanix build" "$BIMANIX" build -f "$work/based/Containerfile" -t image:latest \
    --build-context "base:local=$work/base.tar" "$work/based" --output "$work/own.tar"
  same_image "on a base: the same image ($engine)" "$work/own.tar" "$work/saved.tar"
  [ "$engine" == here ] || same "on a base: the same image ID ($engine)" "$(own_id "$work/own.tar")" "$(own_id "$work/saved.tar")"
  built "$engine" "on a base, less a file" image:latest --file "$work/based/args.nix" "$work/based"
  on "$engine" save --output "$work/saved.tar" image:latest
  sed "s|\"base:local\"|$work/base.tar|" "$work/based/args.nix" >"$work/based/own.nix"
  succeeds "on a base, less a file: bimanix build" "$BIMANIX" build "$work/based/own.nix" --output "$work/own.tar"
  same_image "on a base, less a file: the same image ($engine)" "$work/own.tar" "$work/saved.tar"
done

# The files of the seed document and of the READMEs, their first line pointing here.
while read -r name files; do
  folder=$work/$name
  cp -a "$repo/tests/containerfile/ok/$name" "$folder"
  for file in $files; do
    case ${file%%=*} in
      hvt) cp "$repo/hello.hvt" "$folder/${file#*=}" ;;
      elf) cp "$repo/examples/hello-qemu/hello.elf" "$folder/${file#*=}" ;;
      cpio) head -c 110 /dev/zero | tr '\0' 0 | sed 's/^....../070701/' >"$folder/${file#*=}" ;;
    esac
  done
  { echo '# syntax=bimanix:test' && sed '/^# *syntax=/d' "$folder/Containerfile"; } >"$folder/here"
  own_arguments=(-f "$folder/here" -t image:latest "$folder")
  alike "$name" image:latest "$folder/here" "$folder"
done <<'PROJECTS'
seed-bima-redis hvt=test-redis.hvt
seed-pun-nginx elf=build/app-nginx_qemu-x86_64 cpio=data.cpio
bima-trailing-slash hvt=hello.hvt
pun-several-labels elf=kernel cpio=initrd.cpio
bunny-redis hvt=redis.hvt
PROJECTS

# Everything that is compared with docker's own frontend, less what builds on images.

cases=$repo/tests/containerfile/docker
"$cases/make-context" "$work/cases"
cp "$repo/hello.hvt" "$work/cases/kernel.hvt"
compared=0
for file in "$cases"/*.Containerfile; do
  name=$(basename "$file" .Containerfile)
  ! grep -qiE 'case/|unikraft\.org' "$file" || continue
  copy=$work/cases.$name
  [ ! -e "$file.dockerignore" ] || cp "$file.dockerignore" "$copy.dockerignore"
  "$repo/tests/containerfile/docker/with-kernel" "$file" >"$copy"
  read -ra flags < <(sed -n 's/^# flags: //p' "$file"; echo)
  succeeds "$name: bimanix build" "$BIMANIX" build "${flags[@]}" --tag image:latest --file "$copy" --output "$work/own.tar" \
    "$work/cases"
  own=$(own_id "$work/own.tar")
  docker_build=(build --quiet "${flags[@]}" --build-arg BUILDKIT_SYNTAX=bimanix:test --file "$copy" "$work/cases")
  # The classic store says the image ID itself. Where names make a difference to it, the other one is asked.
  id=$(on classic "${docker_build[@]}" 2>&1 || true)
  if [ "$id" != "sha256:$own" ]; then
    on containerd "${docker_build[@]}" --tag image:latest >/dev/null 2>&1 || true
    id=sha256:$(id_of containerd image:latest)
  fi
  same "$name: the same image ID" "sha256:$own" "$id"
  compared=$((compared + 1))
done
[ "$compared" -ge 30 ] && pass "$compared files were compared" || fail "thirty files are compared" "found: $compared"

# The image boots.

cp -a "$repo/examples/hello-qemu" "$work/boot"
sed -i '1i # syntax=bimanix:test' "$work/boot/args.nix"
built here "hello-qemu" image:boot --file "$work/boot/args.nix" "$work/boot"
inspected=$(on here image inspect image:boot)
succeeds "docker create" on here create --network none image:boot
on here cp "$out:$(jq -r '.[0].Config.Labels["com.urunc.unikernel.binary"]' <<<"$inspected")" "$work/kernel"
on here rm "$out" >/dev/null
line=$(jq -r '.[0].Config.Cmd | join(" ")' <<<"$inspected")
status=0
timeout --foreground --kill-after=5 60 qemu-system-x86_64 -accel tcg -m 64 -nodefaults -no-user-config -display none \
  -serial "file:$work/serial" -kernel "$work/kernel" -append "$line" >/dev/null 2>&1 </dev/null || status=$?
same "it boots, and prints its command line" "0 $(printf 'hello from hello-qemu\n%s' "$line")" "$status $(cat "$work/serial")"

# A kernel of 512 MiB is judged by a few ranges of it.

mkdir "$work/large"
cp "$repo/examples/hello-qemu/hello.elf" "$work/large/hello.elf"
truncate --size 512M "$work/large/hello.elf"
{ echo '# syntax=bimanix:test' && sed '/syntax=/d' "$work/boot/args.nix"; } >"$work/large/args.nix"
(
  peak=0
  while sleep 0.02; do
    for pid in $(pgrep -f '^/bimanix frontend'); do
      now=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$pid/status" 2>/dev/null || true)
      [ "${now:-0}" -le "$peak" ] || { peak=$now && echo "$peak" >"$work/peak"; }
    done
  done
) &
watcher=$!
later "kill $watcher"
built here "a kernel of 512 MiB" image:large --file "$work/large/args.nix" "$work/large"
on here image rm --force image:large >/dev/null
peak=$(cat "$work/peak" 2>/dev/null || echo 0)
[ "$peak" -gt 0 ] && [ "$peak" -lt 65536 ] && pass "it takes $peak KiB of memory" ||
  fail "a large kernel takes less than 64 MiB of memory" "found: $peak KiB"

# What is wrong.

# refused WHAT ENGINE WORDS ARGUMENT…
refused() {
  local what=$1 engine=$2 words=$3 status=0
  shift 3
  said=$(on "$engine" build "$@" --tag image:refused 2>&1) || status=$?
  same "$what: exit code ($engine)" 1 "$status"
  contains "$what ($engine)" "$words" "$said"
}
cat >"$project/wrong.nix" <<'NIX'
# syntax=bimanix:test
{
  name = "wrong";
  files = { "nested/ap" = "/unikernel/app"; "../x" = "/x"; "/etc/passwd" = "/p"; };
  annotations = { unikernelType = "rumprun"; hypervisor = "hvtt"; binary = "/unikernel/app"; cmdline = ""; };
}
NIX
for engine in "${engines[@]}"; do
  refused "a missing file" "$engine" 'error[files/missing]: cannot read `nested/ap`
 --> wrong.nix:4:13
  |
4 |   files = { "nested/ap" = ' --file "$project/wrong.nix" "$project"
  contains "a path that leaves the folder ($engine)" 'error[files/outside]: `../x` leaves' "$said"
  contains "an absolute path ($engine)" 'sends what is in the build context' "$said"
  contains "a monitor that is none ($engine)" 'error[urunc/unknown-hypervisor]' "$said"
done
printf '# syntax=bimanix:test\n{ name = "x"; files = {; }\n' >"$project/syntax.nix"
refused "a syntax error" containerd 'syntax.nix:2:24' --file "$project/syntax.nix" "$project"
refused "another platform" containerd 'error[buildkit/platform]: the kernel is for amd64, not for the platform linux/arm64' \
  --platform linux/arm64 --file "$project/args.nix" "$project"
refused "an argument that nothing takes" containerd 'takes no argument `cmdlin`' \
  --build-arg cmdlin=x --file "$project/args.nix" "$project"
printf '# syntax=bimanix:test\nFROM scratch\nRUN make\nCOPY ap /x\n' >"$project/run"
refused "RUN" here 'error[containerfile/' --file "$project/run" "$project"
printf '# syntax=bimanix:test\nFROM no/such:image\n' >"$project/from"
refused "a base that is not there" here 'cannot get the image `no/such:image`' --file "$project/from" "$project"
sed 's|base = .*|base = ./base.tar;|' "$work/based/args.nix" >"$project/archive.nix"
refused "a base in a file" here 'is a file, and an image is wanted' --file "$project/archive.nix" "$project"

# The client of docker 26, in its own Debian.
pid=$(pgrep -f 'dockerd --config-file /etc/docker/containerd.json' | tail -n 1)
client() {
  nsenter --mount="/proc/$pid/ns/mnt" --root="/proc/$pid/root" \
    env DOCKER_HOST=unix:///work/containerd/docker.sock BUILDKIT_PROGRESS=plain docker "$@"
}
succeeds "buildx" client build --provenance=false --file /work/tree/args.nix --tag image:latest /work/tree
succeeds "bimanix build" "$BIMANIX" build "$tree/args.nix" --output "$work/own.tar"
same "buildx: the same image ID" "$(own_id "$work/own.tar")" "$(id_of containerd image:latest)"
annotation='.annotations["com.urunc.unikernel.cmdline"]'
succeeds "buildx to an OCI archive" client build --provenance=false --file /work/tree/args.nix \
  --output type=oci,dest=/work/oci.tar /work/tree
same "which has the annotations" "a b" "$(skopeo inspect --raw "oci-archive:$work/oci.tar" | jq -r "$annotation")"
on containerd tag image:latest "$REGISTRY/buildkit/image:v1"
succeeds "docker push" on containerd push --quiet "$REGISTRY/buildkit/image:v1"
same "they are in the registry, too" "a b" \
  "$(skopeo inspect --raw --tls-verify=false "docker://$REGISTRY/buildkit/image:v1" | jq -r "$annotation")"
said=$(client build --provenance=false --file /work/project/args.nix --target x --tag image:latest /work/project 2>&1) || true
contains "a warning is shown in the output" '`--target` has no effect on an args.nix' "$said"
printf '%s\n' "docker $old and $(on classic version --format '{{.Server.Version}}')"
