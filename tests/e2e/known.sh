#!/usr/bin/env bash
# Digests that are known from an earlier run: they save reading, and never change a byte, whatever happens to the files and
# to what is kept of them.
# needs: bimanix services python3 strace
source "$(dirname "$0")/lib.sh"
begin
export XDG_CACHE_HOME=$work/cache
layers=$XDG_CACHE_HOME/bimanix/layers

project=$work/project
mkdir -p "$project/tree"
cp "$repo/examples/hello-qemu/hello.elf" "$project/kernel"
for number in 1 2 3; do
  head -c 1500000 /dev/urandom >"$project/tree/$number"
done
head -c 2500000 /dev/urandom >"$project/disk"
cat >"$project/args.nix" <<N
{
  name = "$REGISTRY/bimanix/known";
  kernel = ./kernel;
  files."tree" = "/tree";
  rootfs = { type = "block"; from = ./tree; };
  cmd = [ "/bin/x" ];
}
N
# opened FILE COMMAND…: whether the command opens the file.
opened() {
  local file=$1
  shift
  strace -f -e trace=openat,open -o "$work/trace" "$@" >/dev/null 2>&1 || true
  grep -q "\"[^\"]*$file\"" "$work/trace" && echo yes || echo no
}
# What was changed a moment ago is not kept.
sleep 0.3
"$BIMANIX" build "$project" -o - >"$work/first" 2>/dev/null
same "layers are kept" 2 "$(find "$layers" -type f | wc -l)"
succeeds "push" "$BIMANIX" push "$project"
same "what is known, and what the registry has, is not read" no "$(opened tree/2 "$BIMANIX" push "$project")"
same "without the cache it is" yes "$(opened tree/2 "$BIMANIX" push --no-cache "$project")"
"$BIMANIX" build "$project" -o - >"$work/second" 2>/dev/null
same_bytes "the same bytes" "$work/first" "$work/second"
"$BIMANIX" build "$project" -o "$work/built" >/dev/null
same_bytes "and in a file" "$work/first" "$work/built"
succeeds "skopeo finds what was pushed" skopeo inspect --tls-verify=false "docker://$REGISTRY/bimanix/known:latest"

# A hundred edits, each of which may be one that leaves size and time as they were.
cat >"$work/edits.py" <<'PY'
import hashlib, os, random, subprocess, sys
bimanix, project = sys.argv[1:]
tree = os.path.join(project, "tree")
chance = random.Random(15)
def built(*more):
    run = subprocess.run([bimanix, "build", project, "-o", "-", *more], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return run.returncode, hashlib.sha256(run.stdout).hexdigest()
def edit():
    path = os.path.join(tree, chance.choice(sorted(os.listdir(tree))))
    size, times = os.stat(path).st_size, os.stat(path)
    kind = chance.choice(["touch", "change", "same", "replace", "rename", "sparse", "grow", "link", "mode", "nothing"])
    if kind == "touch":
        os.utime(path)
    elif kind in ("change", "same"):
        with open(path, "r+b") as file:
            file.seek(chance.randrange(size)); file.write(b"%d" % chance.randrange(10))
        if kind == "same":
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    elif kind == "replace":
        with open(path + ".new", "wb") as file: file.write(chance.randbytes(size))
        os.utime(path + ".new", ns=(times.st_atime_ns, times.st_mtime_ns))
        os.rename(path + ".new", path)
    elif kind == "rename":
        os.rename(path, os.path.join(tree, "n%d" % chance.randrange(1000)))
    elif kind == "sparse":
        os.truncate(path, 4096); os.truncate(path, size)
    elif kind == "grow":
        with open(path, "ab") as file: file.write(b"x")
    elif kind == "link":
        other = path + ".link"
        os.link(path, other); os.unlink(path); os.rename(other, path)
    elif kind == "mode":
        os.chmod(path, chance.choice([0o644, 0o755]))
    return kind
wrong = 0
seen = set()
for number in range(100):
    kind = edit()
    known, fresh = built(), built("--no-cache")
    seen.add(fresh)
    if known != fresh or known[0] != 0:
        wrong += 1
        print(number, kind, known, fresh)
print("wrong:", wrong, "different:", len(seen) > 30)
PY
same "a hundred edits: the bytes are those without a cache" "wrong: 0 different: True" \
  "$(python3 "$work/edits.py" "$BIMANIX" "$project")"
sleep 0.3
"$BIMANIX" build "$project" -o - >"$work/first" 2>/dev/null

# What is kept is damaged, foreign, or cannot be kept.

# ruined WHAT: the same bytes all the same.
ruined() {
  "$BIMANIX" build "$project" -o - >"$work/second" 2>"$work/stderr" || true
  same_bytes "$1: the same bytes" "$work/first" "$work/second"
}
for file in "$layers"/*; do printf 'garbage' >"$file"; done
ruined "garbage"
for file in "$layers"/*; do : >"$file"; done
ruined "empty files"
for file in "$layers"/*; do head -c 1000000 /dev/zero >"$file"; done
ruined "zeros"
"$BIMANIX" build "$project" -o - >/dev/null 2>&1
for file in "$layers"/*; do rm "$file" && mkdir "$file"; done
ruined "folders"
rm -rf "$layers"
"$BIMANIX" build "$project" -o - >/dev/null 2>&1
names=("$layers"/*)
# One entry in the place of another.
cp "${names[0]}" "$work/entry"
for file in "${names[@]}"; do cp "$work/entry" "$file"; done
ruined "an entry under another name"
rm -rf "$layers"
printf 'no folder' >"$layers"
ruined "a file in the place of the folder"
rm "$layers"
mkdir "$work/full"
mount -t tmpfs -o size=16k bimanix-tests "$work/full"
later "umount '$work/full' 2>/dev/null"
head -c 16384 /dev/zero >"$work/full/filler" 2>/dev/null || true
XDG_CACHE_HOME=$work/full ruined "a full disk"
same "a full disk: nothing is left there" filler "$(find "$work/full" -type f -printf '%f\n')"
umount "$work/full"
XDG_CACHE_HOME=/proc/nowhere ruined "nowhere to keep it"

# A digest that is wrong although all speaks for it: nothing of it becomes an image.
"$BIMANIX" build "$project" -o - >/dev/null 2>&1
cat >"$work/forge.py" <<'PY'
import hashlib, os, sys
for name in os.listdir(sys.argv[1]):
    path = os.path.join(sys.argv[1], name)
    version, blob, _ = open(path).read().splitlines()
    digest, size, _ = blob.split(" ")
    wrong = digest[:-4] + "0000"
    body = f"{version}\n{wrong} {size} {wrong}"
    sum = hashlib.sha256(f"{name}\n{body}".encode()).hexdigest()
    with open(path, "w") as file:
        file.write(f"{body}\n{sum}\n")
PY
python3 "$work/forge.py" "$layers"
status=0
"$BIMANIX" push "$project" "$REGISTRY/bimanix/forged:x" >"$work/stdout" 2>"$work/stderr" || status=$?
same "a wrong digest: push fails" 3 "$status"
contains "a wrong digest: it says why" "error[image/source-changed]" "$(cat "$work/stderr")"
same "a wrong digest: no tag" "" "$(skopeo list-tags --tls-verify=false "docker://$REGISTRY/bimanix/forged" 2>/dev/null)"
python3 "$work/forge.py" "$layers"
status=0
"$BIMANIX" build "$project" -o - >/dev/null 2>"$work/stderr" || status=$?
same "a wrong digest: a stream fails" 3 "$status"
# Each failure forgets one layer.
for _ in 1 2 3; do "$BIMANIX" push "$project" "$REGISTRY/bimanix/forged:x" >/dev/null 2>&1 && break; done
succeeds "it is forgotten then" "$BIMANIX" push "$project" "$REGISTRY/bimanix/forged:x"
