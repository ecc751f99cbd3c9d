#!/usr/bin/env bash
# One image for two architectures: the bytes of `bimanix build`, a derivation that rebuilds for its own files alone, and
# two images that were built apart, put together by lib.buildIndex.
# needs: bimanix nix-build namespaces python3
# shellcheck disable=SC2016 # Backticks and ${ } in single quotes are Nix, or words.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"

project=$scratch/project
mkdir -p "$project/site"
cp "$repo/examples/hello-qemu/hello.elf" "$project/amd64.elf"
python3 - "$project/arm64.image" <<'PY'
import struct, sys
head = bytearray(4096)
head[0:4] = b"\x0d\xa0\x00\x14"
struct.pack_into("<QQ", head, 0x10, 4096, 10)
head[0x38:0x3C] = b"ARM\x64"
open(sys.argv[1], "wb").write(head)
PY
echo page > "$project/site/page"
echo other > "$project/unrelated"

# args AMD64 ARM64 [MORE]
args() {
  cat > "$project/args.nix" <<END
{
  name = "multi";
  files."site" = "/srv";
  env.SHARED = "yes";
  annotations = { unikernelType = "linux"; hypervisor = "qemu"; binary = "/.boot/kernel"; cmdline = "/bin/x"; };
  architectures = { amd64 = { $1 }; arm64 = { $2 }; };
  ${3-}
}
END
}
build() {
  nix-build "$repo/default.nix" --arg bimanix "$BIMANIX" --arg argsFile "$project" --no-out-link "$@"
}
drv() {
  nix-instantiate "$repo/default.nix" --arg bimanix "$BIMANIX" --arg argsFile "$project" "$@"
}
# evaluate EXPRESSION: with the library in scope.
evaluate() {
  nix-build --no-out-link --expr "let
      inherit (import $repo/nix/lib { bimanix = $BIMANIX; system = builtins.currentSystem; }) buildImage buildIndex;
    in $1"
}

amd64='files."amd64.elf" = "/.boot/kernel";'
arm64='files."./arm64.image" = "/.boot/kernel"; env.OWN = "arm64";'
args "$amd64" "$arm64"
"$BIMANIX" build "$project" -o "$scratch/by-hand.tar" > /dev/null
whole=$(build)
same_bytes 'args.nix: the bytes of bimanix build' "$scratch/by-hand.tar" "$whole"
"$(build -A stream)/bin/stream-multi" > "$scratch/stream.tar"
same_bytes 'stream: the same bytes' "$whole" "$scratch/stream.tar"
"$(build -A stream)/bin/stream-multi" --platform linux/arm64 > "$scratch/arm64.tar"
"$BIMANIX" build "$project" --platform linux/arm64 -o "$scratch/arm64-by-hand.tar" > /dev/null
same_bytes 'stream of one architecture' "$scratch/arm64-by-hand.tar" "$scratch/arm64.tar"

before=$(drv)
echo changed > "$project/unrelated"
equal 'a file that is not named rebuilds nothing' "$before" "$(drv)"
echo changed > "$project/site/page"
differ 'a file that both share does' "$before" "$(drv)"

# A set, whose files come from anywhere.
"$BIMANIX" build "$project" -o "$scratch/by-hand.tar" > /dev/null
set='name = "multi"; files.site = { path = "/srv"; source = '"$project"'/site; }; env.SHARED = "yes";
  annotations = { unikernelType = "linux"; hypervisor = "qemu"; binary = "/.boot/kernel"; cmdline = "/bin/x"; };'
own='amd64 = { files.k = { path = "/.boot/kernel"; source = '"$project"'/amd64.elf; }; };
  arm64 = { env.OWN = "arm64"; files.k = { path = "/.boot/kernel"; source = '"$project"'/arm64.image; }; };'
same_bytes 'a set' "$scratch/by-hand.tar" "$(evaluate "buildImage { $set architectures = { $own }; }")"

# Built apart.
apart="builtins.mapAttrs (architecture: own: buildImage (
    { $set } // own // { env = { SHARED = \"yes\"; } // own.env or { }; files = own.files // {
      site = { path = \"/srv\"; source = $project/site; }; }; })) { $own }"
same_bytes 'built apart, put together' "$scratch/by-hand.tar" \
  "$(evaluate "let images = $apart; in buildIndex [ images.arm64 images.amd64 ]")"
equal 'its name' 'multi latest' "$(nix-instantiate --eval --strict --expr "let
      inherit (import $repo/nix/lib { bimanix = $BIMANIX; system = builtins.currentSystem; }) buildImage buildIndex;
      image = buildIndex (builtins.attrValues ($apart));
    in \"\${image.imageName} \${image.imageTag}\"" | tr -d '"')"
refuses 'two of one architecture' 'two images are for linux/arm64' -- \
  evaluate "let images = $apart; in buildIndex [ images.arm64 images.arm64 ]"
refuses 'no list' 'buildImage: buildIndex: a value of type set is not a list' -- evaluate 'buildIndex { }'
refuses 'no image' 'buildImage: buildIndex: a value of type int is not an image' -- evaluate 'buildIndex [ 1 ]'

# What is refused, by Nix or by the builder.
args "$amd64" "$arm64 name = \"other\";"
refuses 'a name of its own' 'architectures.arm64.name: it cannot differ from architecture to architecture' -- build
args "$amd64" "$arm64" 'architecture = "amd64";'
refuses 'both fields' 'architecture: it stands beside `architectures`' -- build
args "$amd64" 'files."./none" = "/.boot/kernel";'
refuses 'a file that is not there' "there is no $project/none" -- build
args "$amd64" 'files."./amd64.elf" = "/.boot/kernel";'
refuses 'a kernel of the other architecture' 'error[unikernel/architecture-mismatch]' 'not for arm64' 'name the kernel for this architecture' -- build
