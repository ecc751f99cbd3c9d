#!/usr/bin/env bash
# Containerfiles, side by side with `docker build`: the same files, configuration and labels come out of both.
#
# tests/containerfile/docker holds the cases: NAME.Containerfile is built in the folder `context` there, and
# NAME/Containerfile in its own folder. The lines of urunc and a kernel are added to each at its end, or at the line
# `# the kernel goes here`. Where there is a NAME.docker, docker is given that instead: it says the same without what
# BuildKit has learned since docker 20.10. `bases` are images that the cases build on, made by docker.
# `differences.txt` states what may differ, `refused.txt` what is refused.
# needs: bimanix services python3
source "$(dirname "$0")/lib.sh"
begin

cases=$repo/tests/containerfile/docker
export DOCKER_BUILDKIT=1
context=$work/context
built=$work/built
mkdir "$built"

"$cases/make-context" "$context"
cp "$repo/hello.hvt" "$context/kernel.hvt"

kernel=$("$cases/with-kernel" /dev/null)
# with_kernel FILE OUT: a case as it is built.
with_kernel() {
  "$cases/with-kernel" "$1" >"$2"
}

# The bases, which bimanix gets as `docker save` writes them.
hvt=$repo/hello.hvt
elf=$repo/examples/hello-qemu/hello.elf
cpio=$work/empty.cpio
head -c 110 /dev/zero | tr '\0' 0 | sed 's/^....../070701/' >"$cpio"
mkdir "$work/bases"
cp -a "$context" "$work/bases/context"
cp "$elf" "$cpio" "$work/bases/context"
bases=()
while read -r name references; do
  archive=$work/bases/$name.tar
  docker build --quiet --tag "case/$name" --file "$cases/bases/$name.Containerfile" "$work/bases/context" >/dev/null
  docker save "case/$name" --output "$archive"
  for reference in case/$name $references; do
    docker tag "case/$name" "$reference"
    bases+=(--build-context "$reference=$archive")
  done
done <<'BASES'
base
triggers
nginx unikraft.org/nginx:1.15 unikraft.org/base:latest
BASES

# build_both NAME FILE FOLDER FLAG…: the images of a file; docker gets FILE.docker, if there is one.
build_both() {
  local name=$1 file=$2 folder=$3 of_docker=$2
  shift 3
  [ ! -e "$file.docker" ] || of_docker=$file.docker
  if docker build "$@" --quiet --tag "case/$name" --file "$of_docker" "$folder" >"$built/$name.said" 2>&1 &&
    docker save "case/$name" --output "$built/$name.docker.tar.new" >>"$built/$name.said" 2>&1 &&
    "$BIMANIX" build "$@" "${bases[@]}" --tag "case/$name" --file "$file" --format archive --output "$built/$name.bimanix.tar" \
      "$folder" >>"$built/$name.said" 2>&1; then
    mv "$built/$name.docker.tar.new" "$built/$name.docker.tar"
  else
    fail "$name is built by both" "$(cat "$built/$name.said")"
  fi
}

# Docker waits for one thing after the other, so that two builds at once take little longer than one.
in_turn() {
  until [ "$(jobs -pr | wc -l)" -lt 3 ]; do
    wait -n || true
  done
}

for file in "$cases"/*.Containerfile "$cases"/*/Containerfile; do
  case $file in
    */Containerfile)
      name=$(basename "$(dirname "$file")")
      folder=$work/$name
      cp -a "$cases/$name" "$folder"
      cp "$repo/hello.hvt" "$folder/kernel.hvt"
      copy=$folder/Containerfile
      ;;
    *)
      name=$(basename "$file" .Containerfile)
      folder=$context
      copy=$work/$name.Containerfile
      [ ! -e "$file.dockerignore" ] || cp "$file.dockerignore" "$copy.dockerignore"
      ;;
  esac
  with_kernel "$file" "$copy"
  [ ! -e "${file%.Containerfile}.docker" ] || with_kernel "${file%.Containerfile}.docker" "$copy.docker"
  read -ra flags < <(sed -n 's/^# flags: //p' "$file"; echo)
  in_turn
  build_both "$name" "$copy" "$folder" "${flags[@]}" &
done

# The files of the seed document and of the READMEs of bima, pun and bunny, with kernels that are none.
projects=()
while read -r name files; do
  projects+=("$name")
  folder=$work/$name
  cp -a "$repo/tests/containerfile/ok/$name" "$folder"
  for file in $files; do
    kind=${file%%=*}
    cp "${!kind}" "$folder/${file#*=}"
  done
  # Docker has no such frontend here.
  sed '/^# *syntax=/d' "$folder/Containerfile" >"$folder/Containerfile.docker"
  in_turn
  build_both "$name" "$folder/Containerfile" "$folder" &
done <<'PROJECTS'
seed-bima-redis hvt=test-redis.hvt
seed-pun-nginx elf=build/app-nginx_qemu-x86_64 cpio=data.cpio
bima-trailing-slash hvt=hello.hvt
bunny-redis hvt=redis.hvt
pun-several-labels elf=kernel cpio=initrd.cpio
seed-pun-catalog
bunny-nginx
bunny-chttp cpio=rootfs.cpio
PROJECTS
wait
for name in "${projects[@]}"; do
  succeeds "nothing is wrong with the image of $name" "$BIMANIX" inspect "$built/$name.bimanix.tar"
done

while IFS= read -r line; do
  case $line in
    'ok '*) pass "${line#ok } is the same to both" ;;
    'differs '*) fail "${line#differs } is the same to both" ;;
    *) printf '%s\n' "$line" ;;
  esac
done < <("$cases/compare" "$cases/differences.txt" "$built")

# What is refused, and by whom.
refused=$work/refused
mkdir "$refused"

# refusing NUMBER COMMAND…: leaves `takes` or `refuses` in a file.
refusing() {
  local out=$1
  shift
  if "$@" >"$out.said" 2>&1; then echo takes >"$out"; else echo refuses >"$out"; fi
}

number=0
while IFS='|' read -r who lines; do
  number=$((number + 1))
  printf 'FROM scratch\n%b\n%s\n' "${lines# }" "$kernel" >"$refused/$number.Containerfile"
  in_turn
  refusing "$refused/$number.docker" \
    docker build --quiet --file "$refused/$number.Containerfile" "$context" &
  refusing "$refused/$number.bimanix" \
    "$BIMANIX" build "${bases[@]}" --tag case/refused --file "$refused/$number.Containerfile" --output "$refused/$number.tar" "$context"
  printf '%s|%s\n' "${who%% *}" "$lines" >>"$refused/all"
done < <(grep -v '^#' "$cases/refused.txt" | grep .)
wait
number=0
while IFS='|' read -r who lines; do
  number=$((number + 1))
  found=$(cat "$refused/$number.docker")-$(cat "$refused/$number.bimanix")
  case $found in
    refuses-refuses) found=both ;;
    takes-refuses) found=bimanix ;;
    refuses-takes) found=docker ;;
    takes-takes) found=nobody ;;
  esac
  if [ "$found" == "$who" ]; then
    pass "refused by $who:$lines"
  else
    fail "refused by $who:$lines" "found: $found" "docker: $(tail -n 3 "$refused/$number.docker.said")" \
      "bimanix: $(cat "$refused/$number.bimanix.said")"
  fi
done <"$refused/all"
