#!/usr/bin/env bash
# One image, loaded by every engine: all must take it and agree on what it is.
# needs: bimanix services openssl
source "$(dirname "$0")/lib.sh"
begin

project=$work/project
result=$work/result
mkdir -p "$project/tree/deep/er"
cp "$repo/examples/hello-qemu/hello.elf" "$project/hello.elf"
printf '{ "π": 3 }\n' >"$project/größe 1.json"
printf '#!/bin/sh\necho hi\n' >"$project/start.sh"
printf 'leaf\n' >"$project/tree/deep/er/leaf.txt"
ln -s deep/er/leaf.txt "$project/tree/shortcut"
: >"$project/tree/empty"
# Only the x bit may survive; the other bits differ from what the image must hold.
chmod 0640 "$project/hello.elf" "$project/größe 1.json"
chmod 0750 "$project/start.sh" "$project/tree/deep"
chmod 0600 "$project/tree/deep/er/leaf.txt"

cat >"$project/args.nix" <<'NIX'
{
  name = "example.org/bimanix/engines";
  tag = "v1";
  files = {
    "hello.elf" = "/unikernel/hello.elf";
    "größe 1.json" = "/etc/größe 1.json";
    "start.sh" = "/bin/start.sh";
    "tree" = "/data/tree";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/hello.elf";
    cmdline = "serve --port 80 'two words' ü";
    unikernelVersion = "0.17.0";
  };
}
NIX

succeeds "build" "$BIMANIX" build "$project" -o "$result"
unpack "$result" "$work/layout"
prefix=com.urunc.unikernel.
# urunc_keys WHERE [FILE]: urunc's keys of the set there, sorted.
urunc_keys() {
  jq -cS --arg prefix "$prefix" \
    "($1 // {}) | with_entries(select(.key | startswith(\$prefix)))" "${@:2}"
}
annotations=$(urunc_keys .annotations "$manifest")

# The archive.

succeeds "GNU tar lists the image" tar -tf "$result"
listing=$out
same "no name twice in the tar" "" "$(sort <<<"$listing" | uniq -d)"
wrong=
for path in "$layout"/blobs/sha256/*; do
  [ "$(sha256 "$path")" == "$(basename "$path")" ] || wrong+=" $path"
done
same "every blob's name is its digest" "" "$wrong"
same "manifest.json names the same config" "blobs/${config_digest/://}" \
  "$(jq -r '.[0].Config' "$layout/manifest.json")"
same "manifest.json names the same layers" "$layer_digests" \
  "$(jq -c '[.[0].Layers[] | ltrimstr("blobs/") | sub("/"; ":")]' "$layout/manifest.json")"
same "every blob is used" \
  "$({ echo "$manifest_digest" && jq -r '.config.digest, .layers[].digest' "$manifest"; } | sort -u)" \
  "$(find "$layout/blobs/sha256" -type f -printf 'sha256:%f\n' | sort)"
same "the index points at an OCI manifest" application/vnd.oci.image.manifest.v1+json \
  "$(jq -r '.manifests[0].mediaType' "$layout/index.json")"
same "the index holds one manifest" 1 "$(jq '.manifests | length' "$layout/index.json")"
same "the index names the image" example.org/bimanix/engines:v1 "$image_name"

# What urunc reads.

same "manifest annotations are plain" \
  '{"binary":"/unikernel/hello.elf","cmdline":"serve --port 80 '"'two words'"' ü","hypervisor":"qemu","mountRootfs":"false","unikernelType":"unikraft","unikernelVersion":"0.17.0","useDMBlock":"false"}' \
  "$(jq -c "with_entries(.key |= ltrimstr(\"$prefix\"))" <<<"$annotations")"
same "config labels are the annotations" "$annotations" \
  "$(urunc_keys .config.Labels "$config")"
words='["serve","--port","80","two words","ü"]'
same "Cmd is the words of cmdline" "$words" "$(jq -c .config.Cmd "$config")"
same "the config's os" linux "$(jq -r .os "$config")"
same "the config's architecture" amd64 "$(jq -r .architecture "$config")"

# docker

succeeds "docker load" docker load --input "$result"
contains "docker names the image" "$image_name" "$out"
succeeds "docker load from standard input" docker load <"$result"
inspected=$(docker image inspect "$image_name" || echo '[{}]')
same "docker's image id is the config digest" "$config_digest" "$(jq -r '.[0].Id' <<<"$inspected")"
same "docker's diff ids" "$diff_ids" "$(jq -c '.[0].RootFS.Layers' <<<"$inspected")"
same "docker's labels" "$annotations" "$(urunc_keys '.[0].Config.Labels' <<<"$inspected")"
succeeds "docker create" docker create --network none "$image_name"
container=$out
same "the docker container's Cmd" "$words" \
  "$(docker container inspect "$container" | jq -c '.[0].Config.Cmd')"
succeeds "docker cp" docker cp "$container:/unikernel/hello.elf" "$work/from-docker"
same_bytes "the kernel out of docker" "$project/hello.elf" "$work/from-docker"
docker rm "$container" >/dev/null

# What other tools keep of it is read.

# reads WHAT IMAGE: `inspect` finds the same configuration and the same kernel in it.
reads() {
  succeeds "inspect $1" "$BIMANIX" inspect --json "$2"
  same "$1 has the configuration" "$config_digest" "$(jq -r .config <<<"$out")"
  same "$1 has the kernel" "$(stat -c %s "$project/hello.elf")" \
    "$(jq -r '.bootFiles[] | select(.path == "/unikernel/hello.elf").size' <<<"$out")"
}
succeeds "docker save by digest" docker save --output "$work/saved" "$config_digest"
reads "what docker saves by digest" "$work/saved"
for tool in gzip bzip2 xz zstd; do
  "$tool" --stdout "$work/saved" >"$work/saved.$tool"
  reads "what docker saves, packed with $tool" "$work/saved.$tool"
done
succeeds "skopeo copy to a dir:" skopeo copy --quiet "oci-archive:$result" "dir:$work/dir"
reads "a dir: of skopeo" "$work/dir"
succeeds "skopeo copy to a dir: in docker's format" \
  skopeo copy --quiet --format v2s2 "docker-archive:$work/saved" "dir:$work/dir-docker"
reads "a dir: of skopeo in docker's format" "$work/dir-docker"
succeeds "skopeo copy to an archive of docker" \
  skopeo copy --quiet "oci-archive:$result" "docker-archive:$work/docker.tar:x:1"
reads "an archive of docker that skopeo writes" "$work/docker.tar"

# containerd

succeeds "ctr images import" ctr images import --snapshotter native "$result"
listed=$(ctr images ls "name==$image_name" | tail -n +2)
read -r _ type target _ <<<"$listed"
same "containerd's target is the manifest" "$manifest_digest" "${target-}"
same "containerd's target type" application/vnd.oci.image.manifest.v1+json "${type-}"
ctr content get "$manifest_digest" >"$work/ctr-manifest" || true
same_bytes "containerd's manifest" "$manifest" "$work/ctr-manifest"
ctr content get "$config_digest" >"$work/ctr-config" || true
same_bytes "containerd's config" "$config" "$work/ctr-config"
for digest in $(jq -r '.[]' <<<"$layer_digests"); do
  same "containerd has layer ${digest:0:19}" "${digest#sha256:}" \
    "$(ctr content get "$digest" | sha256sum | cut -d ' ' -f 1)"
done

# podman

succeeds "podman load" podman load --quiet --input "$result"
succeeds "podman load from standard input" podman load --quiet <"$result"
inspected=$(podman image inspect "$image_name" || echo '[{}]')
same "podman's image id is the config digest" "${config_digest#sha256:}" \
  "$(jq -r '.[0].Id' <<<"$inspected")"
same "podman's diff ids" "$diff_ids" "$(jq -c '.[0].RootFS.Layers' <<<"$inspected")"
same "podman's labels" "$annotations" "$(urunc_keys '.[0].Labels' <<<"$inspected")"

# skopeo and a registry

succeeds "skopeo inspect" skopeo inspect "oci-archive:$result"
same "skopeo sees the layers" "$layer_digests" "$(jq -c .Layers <<<"$out")"
same "skopeo sees the labels" "$annotations" "$(urunc_keys .Labels <<<"$out")"

# A registry push compresses plain layers: config and diff ids stay, layer digests may not.
remote=docker://$REGISTRY/bimanix/engines
succeeds "skopeo copy to a registry" \
  skopeo copy --quiet --dest-tls-verify=false "oci-archive:$result" "$remote:pushed"
pushed=$(skopeo inspect --raw --tls-verify=false "$remote:pushed" || echo '{}')
same "the registry's config digest" "$config_digest" "$(jq -r .config.digest <<<"$pushed")"
same "the registry's manifest has plain annotations" "$annotations" \
  "$(urunc_keys .annotations <<<"$pushed")"

succeeds "skopeo copy of the very bytes to a registry" skopeo copy --quiet --preserve-digests \
  --dest-tls-verify=false "oci-archive:$result" "$remote:kept"
skopeo inspect --raw --tls-verify=false "$remote:kept" >"$work/registry-manifest" || true
same_bytes "the registry's manifest" "$manifest" "$work/registry-manifest"

succeeds "skopeo copy from the registry to a folder" skopeo copy --quiet --src-tls-verify=false \
  "$remote:kept" "dir:$work/from-registry"
same_bytes "the config out of the registry" "$config" "$work/from-registry/${config_digest#sha256:}"
for digest in $(jq -r '.[]' <<<"$layer_digests"); do
  same_bytes "layer ${digest:0:19} out of the registry" "$(blob "$digest")" \
    "$work/from-registry/${digest#sha256:}"
done

# umoci, on the layout as it is and as skopeo writes it

# extracted WHAT FOLDER: the files of the image with their modes.
extracted() {
  local what=$1 rootfs=$2 expected found
  expected=$(sort <<'LIST'
bin: d 755
bin/start.sh: f 755
data: d 755
data/tree: d 755
data/tree/deep: d 755
data/tree/deep/er: d 755
data/tree/deep/er/leaf.txt: f 644
data/tree/empty: f 644
data/tree/shortcut: l deep/er/leaf.txt
etc: d 755
etc/größe 1.json: f 644
unikernel: d 755
unikernel/hello.elf: f 644
urunc.json: f 644
LIST
  )
  found=$(cd "$rootfs" && find . -mindepth 1 \
    \( -type l -printf '%P: l %l\n' -o -printf '%P: %y %m\n' \) | sort)
  same "$what: names, kinds and modes" "$expected" "$found"
  same_bytes "$what: the kernel" "$project/hello.elf" "$rootfs/unikernel/hello.elf"
  same_bytes "$what: the script" "$project/start.sh" "$rootfs/bin/start.sh"
  same_bytes "$what: the config file" "$project/größe 1.json" "$rootfs/etc/größe 1.json"
  same_bytes "$what: the file behind the symlink" "$project/tree/deep/er/leaf.txt" \
    "$rootfs/data/tree/shortcut"
  same "$what: urunc.json decodes to the annotations" "$annotations" "$(decoded "$rootfs/urunc.json")"
}

# urunc decodes strictly, so each value must be what base64 makes of its own decoding.
decoded() {
  local key value plain pairs='{}'
  while IFS=$'\t' read -r key value; do
    plain=$(base64 -d <<<"$value") || plain="not base64: $value"
    [ "$(printf %s "$plain" | base64 -w 0)" == "$value" ] || plain="not canonical: $value"
    pairs=$(jq -cS --arg key "$key" --arg value "$plain" '.[$key] = $value' <<<"$pairs")
  done < <(jq -r 'to_entries[] | [.key, .value] | @tsv' "$1")
  printf '%s\n' "$pairs"
}

ref=$(jq -r '.manifests[0].annotations["org.opencontainers.image.ref.name"]' "$layout/index.json")
succeeds "umoci unpack of the untarred image" \
  umoci unpack --rootless --image "$layout:$ref" "$work/bundle"
extracted "untarred image" "$work/bundle/rootfs"

succeeds "skopeo copy to a layout" skopeo copy --quiet "oci-archive:$result" "oci:$work/copied:copy"
succeeds "umoci unpack of the copied layout" \
  umoci unpack --rootless --image "$work/copied:copy" "$work/bundle-copied"
extracted "copied layout" "$work/bundle-copied/rootfs"

# Larger files: in plain layers, whose place in the archive a comment moves, and in compressed ones of several
# blocks. Every engine takes all, save that umoci and docker before 23.0 know no zstd, whoever has written it.
# The configuration and what is in the image are those of the plain one.

# Text that compresses, and bytes that do not.
for number in $(seq 200000); do echo "line $number"; done >"$project/tree/text"
openssl enc -aes-128-ctr -nosalt -K 00 -iv 00 </dev/zero 2>/dev/null | head -c 3000000 >"$project/tree/noise" || true
succeeds "build of larger files" "$BIMANIX" build --json "$project" -o "$work/plain"
plain_config=$(jq -r .config <<<"$out")
plain_ids=$(jq -c '[.layers[].diffId]' <<<"$out")
docker_version=$(docker version --format '{{.Server.Version}}' | cut -d . -f 1)
for method in none gzip zstd gzip:9 zstd:19; do
  packed=$work/packed-${method/:/-}
  succeeds "$method: build" "$BIMANIX" build --json --compression "$method" "$project" -o "$packed"
  same "$method: the same configuration" "$plain_config" "$(jq -r .config <<<"$out")"
  manifest=$(jq -r .manifest <<<"$out")
  layers=$(jq -c '[.layers[].digest]' <<<"$out")
  for digest in $(docker images --quiet --no-trunc "${image_name%:*}"); do
    docker image rm --force "$digest" >/dev/null
  done
  # What is there is not unpacked again, so that nothing of an earlier image may be.
  same "$method: docker has forgotten it" "" "$(docker images --quiet --no-trunc "${image_name%:*}")"
  if [[ $method == zstd* && $docker_version -lt 23 ]]; then
    status=0
    docker load --quiet --input "$packed" >/dev/null 2>&1 || status=$?
    same "$method: docker $docker_version knows no zstd" 1 "$status"
  else
    succeeds "$method: docker load" docker load --quiet --input "$packed"
    inspected=$(docker image inspect "$image_name" || echo '[{}]')
    same "$method: docker's image id" "$plain_config" "$(jq -r '.[0].Id' <<<"$inspected")"
    same "$method: docker's diff ids" "$plain_ids" "$(jq -c '.[0].RootFS.Layers' <<<"$inspected")"
    container=$(docker create --network none "$image_name" || true)
    docker cp "$container:/data/tree/noise" "$work/noise" >/dev/null || true
    docker rm "$container" >/dev/null || true
    same_bytes "$method: a file out of docker" "$project/tree/noise" "$work/noise"
  fi

  # Unpacks every layer, and compares its digest with the diff id.
  space=${method/:/-}
  succeeds "$method: ctr images import" \
    ctr --namespace "$space" images import --snapshotter native "$packed"
  same "$method: containerd's target" "$manifest" \
    "$(ctr --namespace "$space" images ls "name==$image_name" | awk 'NR == 2 { print $3 }')"

  podman image rm --force "$image_name" >/dev/null 2>&1 || true
  succeeds "$method: podman load" podman load --quiet --input "$packed"
  inspected=$(podman image inspect "$image_name" || echo '[{}]')
  same "$method: podman's image id" "${plain_config#sha256:}" "$(jq -r '.[0].Id' <<<"$inspected")"
  same "$method: podman's diff ids" "$plain_ids" "$(jq -c '.[0].RootFS.Layers' <<<"$inspected")"

  succeeds "$method: skopeo copy to a registry" skopeo copy --quiet --preserve-digests \
    --dest-tls-verify=false "oci-archive:$packed" "$remote:$space"
  same "$method: the registry has those layers" "$layers" \
    "$(skopeo inspect --tls-verify=false "$remote:$space" | jq -c .Layers)"
  succeeds "$method: skopeo copy to a layout" \
    skopeo copy --quiet "oci-archive:$packed" "oci:$work/layout-$space:copy"
  case $method in
    none | gzip*)
      succeeds "$method: umoci unpack" \
        umoci unpack --rootless --image "$work/layout-$space:copy" "$work/bundle-$space"
      for file in noise text; do
        same_bytes "$method: $file out of umoci" \
          "$project/tree/$file" "$work/bundle-$space/rootfs/data/tree/$file"
      done
      ;;
  esac
done
