#!/usr/bin/env bash
# `nix-build default.nix`: the image in the store, and what makes a new one.
# needs: bimanix nix-build namespaces
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"

project=$scratch/project
copy_project "$project"
cd "$project"

# image ARG...: builds with the binary alone, and prints the store path.
image() {
  nix-build "$project/default.nix" --arg bimanix "$BIMANIX" --no-out-link "$@"
}

# drv ARG...: what would be built.
drv() {
  nix-instantiate "$project/default.nix" --arg bimanix "$BIMANIX" --add-root "$scratch/root" "$@" > /dev/null &&
    readlink "$scratch/root"
}

# by_hand FOLDER: the same image without Nix.
by_hand() {
  (cd "$1" && "$BIMANIX" build -o "$scratch/by-hand.tar" > /dev/null)
}

# The image, from a fresh clone.
nix-build default.nix --arg bimanix "$BIMANIX" > /dev/null
path=$(readlink result)
equal 'result points into the store' "$NIX_STORE_DIR" "$(dirname "$path")"
equal 'it is named after the image' 'hello-rumprun.tar' "$(basename "$path" | cut -d- -f2-)"
equal 'the same again' "$path" "$(image)"
image --check > /dev/null
ok 'a second build gives the same bytes (--check)'
by_hand "$project"
same_bytes 'the command line writes the same bytes' "$scratch/by-hand.tar" "$path"
equal 'its name and tag' '[ "hello-rumprun" "latest" ]' "$(
  nix-instantiate --eval --strict --read-write-mode -E "
    let image = import ./default.nix { bimanix = $BIMANIX; }; in [ image.imageName image.imageTag ]"
)"

# What makes a new image, and what does not.
before=$(drv)
echo 'unrelated' > notes.txt
mkdir -p unrelated && cp notes.txt hello.hvt unrelated
touch -d '1999-12-31' args.nix hello.hvt nix
chmod u-w args.nix
rm result
equal 'an unrelated change changes nothing' "$before" "$(drv)"
chmod u+w args.nix

cp -R "$project" "$scratch/elsewhere"
equal 'where the project is changes nothing' "$before" "$(
  nix-instantiate "$scratch/elsewhere/default.nix" --arg bimanix "$BIMANIX" --add-root "$scratch/root" > /dev/null
  readlink "$scratch/root"
)"

printf '\0' >> hello.hvt
differ 'an edited file makes a new image' "$before" "$(drv)"
cp "$repo/hello.hvt" hello.hvt
chmod -x hello.hvt
differ 'the x bit of a file makes a new image' "$before" "$(drv)"
cp "$repo/hello.hvt" hello.hvt
chmod --reference="$repo/hello.hvt" hello.hvt

echo '{ }' > neighbour.nix
differ 'a .nix file beside args.nix makes a new image' "$before" "$(drv)"
rm neighbour.nix
sed -i 's/cmdline = "hello"/cmdline = "hello there"/' args.nix
differ 'an edited args.nix makes a new image' "$before" "$(drv)"
cp "$repo/args.nix" args.nix
equal 'undone, it is the old image' "$before" "$(drv)"

# A project with what files can be: folders, links inside of them, names, modes.
other=$scratch/other
mkdir -p "$other/tree/sub/empty" "$other/lib"
cp hello.hvt "$other/kernel"
echo one > "$other/tree/one"
echo two > "$other/tree/sub/two words, é"
ln -s ../one "$other/tree/sub/link"
printf '#!/bin/sh\n' > "$other/tree/run"
chmod 755 "$other/tree/run"
chmod 600 "$other/tree/one"
cp "$other/tree/one" "$other/naïve file"
cat > "$other/args.nix" <<'END'
{
  tag ? "latest",
}:
{
  name = "harbor.io/x/other";
  inherit tag;
  files = {
    "./kernel" = "/unikernel/kernel";
    "tree" = "/data/tree";
    "naïve file" = "/data/";
  };
  annotations = import ./annotations.nix // {
    cmdline = import ./lib/cmdline.nix;
  };
}
END
cat > "$other/annotations.nix" <<'END'
{
  unikernelType = "rumprun";
  hypervisor = "hvt";
  binary = "/unikernel/kernel";
}
END
echo '"from lib"' > "$other/lib/cmdline.nix"
with_lib=(--arg argsFile "$other" --arg sources '[ "lib" ]')
path=$(image "${with_lib[@]}")
equal 'a name with a registry in it' 'harbor.io-x-other.tar' "$(basename "$path" | cut -d- -f2-)"
by_hand "$other"
same_bytes 'folders, links, names, modes: the same bytes as by hand' "$scratch/by-hand.tar" "$path"
refuses 'a file that args.nix reads and nobody named' 'lib/cmdline.nix' -- image --arg argsFile "$other"

path=$(image "${with_lib[@]}" --arg arguments '{ tag = "dev"; }')
(cd "$other" && "$BIMANIX" build --argstr tag dev -o "$scratch/by-hand.tar" > /dev/null)
same_bytes 'arguments: the same bytes as by hand' "$scratch/by-hand.tar" "$path"

before=$(drv "${with_lib[@]}")
echo unrelated > "$other/notes.txt"
equal 'there too an unrelated change changes nothing' "$before" "$(drv "${with_lib[@]}")"
echo three > "$other/tree/three"
differ 'a new file in a named folder makes a new image' "$before" "$(drv "${with_lib[@]}")"

refuses 'a source that is missing' 'files."./kernel": there is no' 'other/kernel' \
  -- bash -c "rm '$other/kernel'; nix-build '$project/default.nix' --arg bimanix '$BIMANIX' --arg argsFile '$other' --no-out-link"

# What bimanix refuses fails the build, with its own words.
cat > "$other/args.nix" <<'END'
{
  name = "wrong";
  files."naïve file" = "/unikernel/kernel";
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvtt";
    binary = "/unikernel/kernel";
    cmdline = "";
  };
}
END
refuses 'what bimanix refuses' 'hvtt' 'args.nix:6' -- image --arg argsFile "$other"

# With nixpkgs from the search path, and bimanix out of it.
copy_nixpkgs "$scratch/nixpkgs"
export NIX_PATH=nixpkgs=$scratch/nixpkgs
by_hand "$project"
same_bytes 'with <nixpkgs>: the same bytes' "$scratch/by-hand.tar" "$(nix-build default.nix --no-out-link)"
bimanix=$(nix-build default.nix -A bimanix --no-out-link)
equal 'default.nix -A bimanix is the command' \
  "$("$BIMANIX" --version)" "$("$bimanix/bin/bimanix" --version)"
equal 'default.nix -A tests' '[ ]' \
  "$(nix-instantiate default.nix --eval --strict --read-write-mode -A tests)"
equal 'a package as the argument' "$(nix-build default.nix --no-out-link)" "$(
  nix-build default.nix --no-out-link --arg bimanix "(import $scratch/nixpkgs { }).callPackage $project/nix/package.nix { }"
)"
same_bytes 'a store path as the argument' "$scratch/by-hand.tar" \
  "$(nix-build default.nix --no-out-link --argstr bimanix "$bimanix")"

# Without nixpkgs, the pin of flake.lock is fetched; here that goes nowhere.
unset NIX_PATH
refuses 'without <nixpkgs>, the pin in flake.lock' \
  'cf9d2fb3e50fa1cd5114c47505ea9177f7ff5f49.tar.gz' \
  -- env https_proxy=http://127.0.0.1:9 nix-build default.nix -A bimanix --no-out-link \
  --option download-attempts 1

done_testing
