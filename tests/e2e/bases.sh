#!/usr/bin/env bash
# Images built on images of docker, buildah, umoci, skopeo and ours: the layers of the base stay, and every engine
# finds the same files in what is built.
# needs: bimanix services buildah zstd
source "$(dirname "$0")/lib.sh"
begin

buildah() {
  "${isolated[@]}" env -u DOCKER_CONFIG buildah --root "$work/buildah/root" --runroot "$work/buildah/runroot" \
    --storage-driver vfs "$@"
}

# What every base holds in the end, in its two layers: `lower` has what `upper` replaces, and what it removes.
lower=$work/lower
upper=$work/upper
mkdir -p "$lower"/{boot,usr/lib/deep,etc/conf.d,opt/tree/sub,opt/opaque,var,home/user,tmp,gone/folder,ein\ ordner}
ln -s usr/lib "$lower/lib"
ln -s /usr/lib "$lower/var/absolute"
cp "$repo/examples/hello-qemu/hello.elf" "$lower/boot/image"
ln "$lower/boot/image" "$lower/boot/kernel"
head -c 300000 /dev/urandom >"$lower/usr/lib/large"
for name in usr/lib/old usr/lib/deep/file etc/conf etc/removed etc/replaced etc/conf.d/a opt/tree/one opt/tree/sub/two \
  opt/opaque/old home/user/own gone/folder/file gone/file 'ein ordner/größe 1'; do
  printf 'of the lower layer: %s\n' "$name" >"$lower/$name"
done
ln -s conf "$lower/etc/link"
chmod 0711 "$lower/usr/lib"
chmod 0750 "$lower/opt/tree"
chmod 1777 "$lower/tmp"
chmod 4755 "$lower/usr/lib/old"
chmod 0600 "$lower/home/user/own"
chown -R 1000:1001 "$lower/home/user"
chown 5:6 "$lower/opt/tree"
mkdir -p "$upper"/{etc,opt/opaque}
printf 'of the upper layer\n' >"$upper/etc/replaced"
printf 'of the upper layer\n' >"$upper/opt/opaque/new"
tar -C "$lower" --numeric-owner -cf "$work/lower.tar" .
tar -C "$upper" --numeric-owner -cf "$work/upper.tar" .
# What the upper layer removes, where a tool can remove anything.
removed=(gone opt/opaque/old)

# What is built on each: new files, through a symlink of the base too, and removals.
project=$work/project
mkdir -p "$project/tree/sub"
printf 'new\n' >"$project/new"
printf 'new\n' >"$project/tree/sub/file"
ln -s ../tree "$project/tree/link"
removals='"/etc/removed" "/lib/deep" "/opt/tree/sub" "/etc/conf.d/a" "/ein ordner" "/var/absolute"'
# recipe BASE: with $removals
recipe() {
  cat >"$project/args.nix" <<NIX
{
  name = "example.org/bimanix/bases";
  base = $1;
  files = {
    "new" = "/lib/new";
    "over a file" = { source = ./new; path = "/etc/replaced"; };
    "below what is removed" = { source = ./new; path = "/etc/removed/new"; };
    "in a folder of somebody" = { source = ./new; path = "/home/user/new"; };
    "of somebody" = { source = ./new; path = "/opt/new"; mode = "0700"; uid = 7; gid = 8; };
    "tree" = "/opt/tree";
  };
  remove = [ $removals ];
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/boot/kernel";
    cmdline = "a b";
  };
}
NIX
}

# The tree that comes of it, by cp and rm.
expected=$work/expected
cp -a "$lower" "$expected"
(
  cd "$expected"
  rm -r "${removed[@]}"
  cp -a "$upper/." .
  rm -r etc/removed usr/lib/deep opt/tree/sub etc/conf.d/a 'ein ordner' var/absolute
  mkdir etc/removed
  for path in usr/lib/new etc/replaced etc/removed/new home/user/new opt/new; do
    cp "$project/new" "$path"
  done
  chmod 0700 opt/new
  chown 7:8 opt/new
  cp -r --no-dereference "$project/tree/." opt/tree
)

# listing FOLDER: everything in it, with kind, mode, owner, link target and content. What engines put into every
# container is left out, and so is urunc.json.
listing() {
  (
    cd "$1"
    local skip=(-path ./dev -o -path ./proc -o -path ./sys -o -path ./run -o -path ./.dockerenv -o -path ./urunc.json)
    skip+=(-o -path ./etc/hosts -o -path ./etc/hostname -o -path ./etc/resolv.conf -o -path ./etc/mtab)
    find . -mindepth 1 \( "${skip[@]}" \) -prune -o -printf '%P: %y %m %U:%G %l\n'
    find . -mindepth 1 \( "${skip[@]}" \) -prune -o -type f -exec sha256sum {} +
  ) | sort
}
tree=$(listing "$expected")
same "the tree has as many entries as are expected" "$(find "$expected" -mindepth 1 -printf . -type f -printf . | wc -c)" \
  "$(wc -l <<<"$tree")"

# finds WHO FOLDER: it has the tree.
finds() {
  same "$1" "" "$(diff <(printf '%s\n' "$tree") <(listing "$2"))"
  succeeds "$1: urunc.json" test -s "$2/urunc.json"
}

image_name=example.org/bimanix/bases:latest

# agree WHAT IMAGE [but-zstd]: every engine has the tree of the image, after it has unpacked the layers itself.
agree() {
  local what=$1 image=$2 container folder
  folder=$work/unpacked
  mkdir "$folder"
  if [ $# -eq 2 ] || [ "$docker_version" -ge 23 ]; then
    docker image rm --force "$image_name" >/dev/null 2>&1 || true
    succeeds "$what: docker load" docker load --quiet --input "$image"
    container=$(docker create --network none "$image_name" || true)
    mkdir "$folder/docker"
    docker export "$container" | tar -C "$folder/docker" --numeric-owner -xpf - || true
    docker rm "$container" >/dev/null || true
    finds "$what: docker" "$folder/docker"
  fi

  ctr images rm "$image_name" >/dev/null 2>&1 || true
  succeeds "$what: ctr images import" ctr images import --snapshotter native "$image"
  mkdir "$folder/ctr"
  succeeds "$what: ctr images mount" ctr images mount --snapshotter native "$image_name" "$folder/ctr"
  finds "$what: containerd" "$folder/ctr"
  ctr images unmount --rm --snapshotter native "$folder/ctr" >/dev/null || true

  podman image rm --force "$image_name" >/dev/null 2>&1 || true
  succeeds "$what: podman load" podman load --quiet --input "$image"
  succeeds "$what: podman image mount" podman image mount "$image_name"
  finds "$what: podman" "$out"
  podman image unmount "$image_name" >/dev/null || true

  succeeds "$what: skopeo copy" skopeo copy --quiet "oci-archive:$image" "oci:$folder/layout:x"
  if [ $# -eq 2 ]; then
    succeeds "$what: umoci unpack" umoci unpack --image "$folder/layout:x" "$folder/bundle"
    finds "$what: umoci" "$folder/bundle/rootfs"
  fi
  rm -rf "$folder"
}
docker_version=$(docker version --format '{{.Server.Version}}' | cut -d . -f 1)

# layers TRANSPORT:PATH: the digests of its layers, as skopeo sees them.
layers() {
  skopeo inspect "$1" | jq -c .Layers
}

# built WHAT BASE TRANSPORT [ARGUMENT…]: the image on a base at $work/BASE, whose layers stay as they are.
built() {
  local what=$1 base=$2 transport=$3
  shift 3
  recipe "\"$work/$base\""
  succeeds "$what: build" "$BIMANIX" build "$project" -o "$work/result" "$@"
  local below above
  below=$(layers "$transport:$work/$base")
  above=$(layers "oci-archive:$work/result")
  same "$what: the layers of the base are there" "$below" "$(jq -c ".[:$(jq length <<<"$below")]" <<<"$above")"
  succeeds "$what: inspect" "$BIMANIX" inspect --json "$work/result"
  same "$what: the kernel is found" "/boot/kernel linux amd64" \
    "$(jq -r '"\(.bootFiles[0].path) \(.os) \(.architecture)"' <<<"$out")"
}

# docker, which leaves out what is removed, since it can remove nothing without a shell.

printf 'FROM scratch\nADD lower.tar /\nADD upper.tar /\nCMD ["x"]\n' >"$work/Containerfile"
mkdir "$work/context"
(
  cd "$lower"
  exclude=()
  for path in "${removed[@]}"; do
    exclude+=("--exclude=./$path")
  done
  tar --numeric-owner "${exclude[@]}" -cf "$work/context/lower.tar" .
)
cp "$work/upper.tar" "$work/context"
DOCKER_BUILDKIT=0 succeeds "docker build" docker build --quiet --tag base/docker --file "$work/Containerfile" "$work/context"
succeeds "docker save" docker save --output "$work/docker.tar" base/docker
built "on docker's" docker.tar docker-archive
agree "on docker's" "$work/result"
cp "$work/result" "$work/ours"

# skopeo, which makes everything of everything.

succeeds "skopeo copy to a layout" skopeo copy --quiet "docker-archive:$work/docker.tar" "oci:$work/skopeo:x"
built "on skopeo's layout" skopeo oci
succeeds "skopeo copy with zstd" skopeo copy --quiet --dest-compress --dest-compress-format zstd \
  "docker-archive:$work/docker.tar" "oci-archive:$work/zstd.tar:x"
built "on zstd layers" zstd.tar oci-archive
same "they are packed with zstd" '["tar+zstd","tar+zstd","tar"]' \
  "$(skopeo inspect --raw "oci-archive:$work/result" | jq -c '[.layers[].mediaType | sub(".*v1\\."; "")] | [.[0], .[1], .[-1]]')"
agree "on zstd layers" "$work/result" but-zstd
succeeds "skopeo copy to a dir:" skopeo copy --quiet --format v2s2 "docker-archive:$work/docker.tar" "dir:$work/dir"
built "on a dir: in docker's format" dir dir
# skopeo says of plain layers that they are packed: docker's format has no other type.
same "the types of its layers are what they are" '["application/vnd.oci.image.layer.v1.tar"]' \
  "$(skopeo inspect --raw "oci-archive:$work/result" | jq -c '[.layers[].mediaType] | unique')"

# umoci, gzip in a layout, with whiteouts.

succeeds "umoci init" umoci init --layout "$work/umoci"
succeeds "umoci new" umoci new --image "$work/umoci:base"
succeeds "umoci unpack of nothing" umoci unpack --image "$work/umoci:base" "$work/bundle"
tar -C "$work/bundle/rootfs" --numeric-owner -xpf "$work/lower.tar"
succeeds "umoci repack" umoci repack --refresh-bundle --image "$work/umoci:base" "$work/bundle"
tar -C "$work/bundle/rootfs" --numeric-owner -xpf "$work/upper.tar"
(cd "$work/bundle/rootfs" && rm -r "${removed[@]}")
succeeds "umoci repack of the second layer" umoci repack --image "$work/umoci:base" "$work/bundle"
built "on umoci's" umoci oci
agree "on umoci's" "$work/result"

# buildah, gzip in an archive; behind an index as well.

container=$(buildah from scratch)
succeeds "buildah add" buildah add --quiet "$container" "$work/lower.tar" /
succeeds "buildah commit" buildah commit --quiet "$container" lower
container=$(buildah from lower)
rootfs=$(buildah mount "$container")
tar -C "$rootfs" --numeric-owner -xpf "$work/upper.tar"
(cd "$rootfs" && rm -r "${removed[@]}")
succeeds "buildah commit of the second layer" buildah commit --quiet "$container" both
succeeds "buildah push" buildah push --quiet both "oci-archive:$work/buildah.tar"
built "on buildah's" buildah.tar oci-archive --compression gzip
agree "on buildah's" "$work/result"
manifest=$(skopeo inspect --raw "oci-archive:$work/result" | jq -c .layers)
succeeds "buildah manifest create" buildah manifest create list
succeeds "buildah manifest add" buildah manifest add list both
succeeds "buildah manifest push" buildah manifest push --quiet --all list "oci-archive:$work/index.tar"
built "behind an index of buildah's" index.tar oci-archive --compression gzip
same "which is the same" "$manifest" "$(skopeo inspect --raw "oci-archive:$work/result" | jq -c .layers)"

# What they made, in a registry: every packing, every manifest, and an index.

export XDG_CACHE_HOME=$work/cache
# pulled WHAT NAME BASE TRANSPORT [ARGUMENT…]: the image on a base in the registry, which is the one on the file it came
# from; it is fetched once. PUSHED has the arguments of skopeo.
pulled() {
  local what=$1 name=$2 ref=$REGISTRY/bases/$2:v1 base=$3 transport=$4 digest below
  shift 4
  succeeds "$what: skopeo copy" skopeo copy --quiet --dest-tls-verify=false "${pushed[@]}" "$transport:$work/$base" \
    "docker://$ref"
  succeeds "$what: pin" "$BIMANIX" pin "$ref"
  digest=$out
  same "$what: the digest is that of the registry" \
    "$ref@$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$ref")" "$digest"
  recipe "\"$digest\""
  succeeds "$what: build" "$BIMANIX" build "$project" -o "$work/result" "$@"
  below=$(skopeo inspect --tls-verify=false "docker://$ref" | jq -c .Layers)
  same "$what: the layers of the registry are there" "$below" \
    "$(layers "oci-archive:$work/result" | jq -c ".[:$(jq length <<<"$below")]")"
  # The registry says where the layers are to be had: a push there sends none of them.
  succeeds "$what: push" "$BIMANIX" push --json "$project" "$REGISTRY/bases/$name-above:v1" "$@"
  same "$what: no layer of it is sent" "$(jq length <<<"$below")" "$(jq .mountedBlobs <<<"$out")"
}
pushed=(--format v2s2)
pulled "of docker, in its own format" docker docker.tar docker-archive
agree "of docker, in its own format" "$work/result"
pushed=(--format oci)
pulled "packed with zstd" zstd zstd.tar oci-archive
agree "packed with zstd" "$work/result" but-zstd
pulled "of umoci" umoci umoci oci
agree "of umoci" "$work/result"
pushed=(--all)
pulled "behind an index" index index.tar oci-archive
agree "behind an index" "$work/result"

# A second build asks nobody: there is no network.
mv "$work/result" "$work/online"
succeeds "without the network" unshare --net "$BIMANIX" build "$project" -o "$work/result"
same_bytes "without the network: the same bytes" "$work/online" "$work/result"

# What is built is a base again, with whiteouts of ours in it.

removals='"/etc/removed" "/opt/tree" "/usr/lib/new"'
# A folder that is new belongs to root.
chmod 0755 "$expected/opt/tree"
chown 0:0 "$expected/opt/tree"
rm "$expected/opt/tree/one"
tree=$(listing "$expected")
built "on our own" ours oci-archive
agree "on our own" "$work/result"
pushed=(--format oci)
pulled "on our own, in a registry" ours ours oci-archive

# One of Unikraft's images, as they are made for QEMU, becomes one that docker loads.

umoci init --layout "$work/catalog"
umoci new --image "$work/catalog:x"
umoci unpack --image "$work/catalog:x" "$work/catalog-bundle"
mkdir -p "$work/catalog-bundle/rootfs/unikraft/bin"
cp "$repo/examples/hello-qemu/hello.elf" "$work/catalog-bundle/rootfs/unikraft/bin/kernel"
umoci repack --image "$work/catalog:x" "$work/catalog-bundle"
umoci config --image "$work/catalog:x" --os qemu --architecture x86_64 --config.cmd hello --config.env A=1
cat >"$project/Containerfile" <<'FILE'
FROM --platform=qemu/amd64 catalog
LABEL com.urunc.unikernel.unikernelType=unikraft
LABEL com.urunc.unikernel.hypervisor=qemu
LABEL com.urunc.unikernel.binary=/unikraft/bin/kernel
COPY new /etc/new
FILE
mv "$work/catalog" "$project/catalog"
sed -i 's|amd64 catalog|amd64 ./catalog|' "$project/Containerfile"
succeeds "build on a catalog image" "$BIMANIX" build -f "$project/Containerfile" -t example.org/catalog:x "$project" -o "$work/result"
succeeds "docker loads it" docker load --quiet --input "$work/result"
inspected=$(docker image inspect example.org/catalog:x || echo '[{}]')
same "it is for linux" "linux amd64 [\"hello\"] [\"A=1\"]" \
  "$(jq -r '.[0] | "\(.Os) \(.Architecture) \(.Config.Cmd | tojson) \(.Config.Env | tojson)"' <<<"$inspected")"
succeeds "docker create" docker create --network none example.org/catalog:x
docker cp "$out:/unikraft/bin/kernel" "$work/kernel" || true
docker rm "$out" >/dev/null || true
same_bytes "the kernel out of docker" "$repo/examples/hello-qemu/hello.elf" "$work/kernel"
