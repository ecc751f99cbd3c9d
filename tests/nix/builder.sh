#!/usr/bin/env bash
# What may be given as `bimanix`, and what is said of everything else: at the evaluation where Nix can see
# it, else by the name under which a binary is in the store.
# needs: bimanix nix-build namespaces readelf
# shellcheck disable=SC2016 # Backticks in single quotes are words.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"

project=$scratch/project
copy_project "$project"
cd "$project"
"$BIMANIX" build -o "$scratch/by-hand.tar" > /dev/null
system=$(nix-instantiate --eval -E builtins.currentSystem | tr -d '"')
mkdir "$scratch/bin"
cp "$BIMANIX" "$scratch/bin/bimanix"

# given ARG...: the image, with `bimanix` as ARG says.
given() {
  nix-build default.nix --no-out-link "$@"
}

# takes WHAT ARG...
takes() {
  local what=$1
  shift
  same_bytes "$what" "$scratch/by-hand.tar" "$(given "$@")"
}
takes 'a path' --arg bimanix "$scratch/bin/bimanix"
takes 'a path from here' --arg bimanix ../bin/bimanix
takes 'a path in a string' --argstr bimanix "$scratch/bin/bimanix"
takes 'a path in a string, with a slash too many' --argstr bimanix "$scratch/bin//bimanix"
# One that does not hold the store that it is copied to.
mkdir "$scratch/package"
cp -R "$scratch/bin" "$scratch/package/bin"
takes 'a folder with bin/bimanix' --arg bimanix "$scratch/package"
stored=$(nix-instantiate --eval --read-write-mode -E "\"\${$scratch/bin/bimanix}\"" | tr -d '"')
takes 'a path into the store' --arg bimanix "$stored"
takes 'a path into the store, in a string' --argstr bimanix "$stored"
takes 'what the store has of it' --arg bimanix "\"\${$scratch/bin/bimanix}\""
cp -R "$scratch/bin" "$scratch/tree"
takes 'a source tree, as a flake gives it' --arg bimanix \
  "{ outPath = builtins.path { path = $scratch; name = \"tree\"; filter = path: _: baseNameOf (dirOf path) == \"bin\" || baseNameOf path == \"bin\"; }; }"

# refused WHAT TEXT... -- ARG...: the evaluation refuses it, and builds nothing.
refused() {
  local what=$1 texts=()
  shift
  while [[ $1 != -- ]]; do
    texts+=("$1")
    shift
  done
  shift
  refuses "$what" 'buildImage: bimanix: ' 'help: ' "${texts[@]}" -- nix-instantiate default.nix "$@"
}
to_type='`--arg bimanix /path/to/bimanix`; README.md says under Install'
refused 'a path with nothing there' "there is no $scratch/none" "$to_type" -- --arg bimanix "$scratch/none"
refused 'a store path with nothing there' 'there is no' "$to_type" \
  -- --argstr bimanix "$NIX_STORE_DIR/00000000000000000000000000000000-none"
refused 'a folder' "$project is a folder without bin/bimanix" "$to_type" -- --arg bimanix ./.
refused 'the folder that the binary is in' 'is a folder without bin/bimanix' "write $scratch/bin/bimanix" \
  -- --arg bimanix "$scratch/bin"
refused 'the folder of everything' '/ is a folder without bin/bimanix' "$to_type" -- --argstr bimanix /
mkfifo "$scratch/fifo"
refused 'a FIFO' "$scratch/fifo is not a file" "$to_type" -- --arg bimanix "$scratch/fifo"
refused 'a device' '/dev/null is not a file' "$to_type" -- --arg bimanix /dev/null
refused 'a relative path in a string' '"./bin/bimanix" is not a builder' \
  'write `--arg bimanix ./bin/bimanix`, without quotes' -- --argstr bimanix ./bin/bimanix
refused 'one without a dot' '"target/bimanix" is not a builder' \
  'write `--arg bimanix target/bimanix`, without quotes' -- --arg bimanix '"target/bimanix"'
refused 'a name' '"bimanix" is not a builder' "$to_type" -- --argstr bimanix bimanix
refused 'an empty string' '"" is not a builder' "$to_type" -- --argstr bimanix ''
refused 'the home folder in a string' '"~" is not a builder' "$to_type" -- --argstr bimanix '~'
for value in 1 true '[ ]' '{ }' '(x: x)'; do
  refused "a value of another type: $value" 'a value of type' 'is not a builder' "$to_type" -- --arg bimanix "$value"
done
package='derivation { name = "hello-2.12"; system = "x"; builder = "x"; } // { meta.mainProgram = "hello"; }'
refused 'a package of another program' 'the program of the package hello-2.12 is hello' "$to_type" \
  -- --arg bimanix "$package"
copy_nixpkgs "$scratch/nixpkgs"
refused 'the flake instead of its package' '-source is a folder without bin/bimanix' "$to_type" \
  -- --arg bimanix "{ outPath = builtins.path { path = $scratch/nixpkgs; name = \"source\"; }; }"
if nix_older_than 2.21; then
  ln -s bin/bimanix "$scratch/link"
  refused 'a link, which this Nix would store as a link' "$scratch/link is a symbolic link" \
    'name what it points to' -- --arg bimanix "$scratch/link"
fi

# What only a build can tell is told by the name of the binary.
must_be="-bimanix-must-be-a-static-$system-executable': "
interpreter() {
  readelf --program-headers --wide "$1" | grep -o 'interpreter: [^]]*' || true
}
dynamic=$(type -P cmp)
differ 'this is a dynamic binary' '' "$(interpreter "$dynamic")"
equal 'and that is none' '' "$(interpreter "$BIMANIX")"
cp "$dynamic" "$scratch/dynamic"
refuses 'a dynamic binary' "${must_be}No such file or directory" -- given --arg bimanix "$scratch/dynamic"
mkdir -p "$scratch/package/bin"
cp "$dynamic" "$scratch/package/bin/bimanix"
refuses 'a dynamic binary in a folder' "${must_be%\': }/bin/bimanix': No such file or directory" \
  -- given --arg bimanix "$scratch/package"
cp "$BIMANIX" "$scratch/foreign"
# The machine of the ELF header: 0xf3, which is RISC-V.
printf '\363\0' | dd of="$scratch/foreign" bs=1 seek=18 conv=notrunc status=none
refuses 'a binary of another machine' "${must_be}Exec format error" -- given --arg bimanix "$scratch/foreign"
cp "$BIMANIX" "$scratch/not-executable"
chmod -x "$scratch/not-executable"
refuses 'a binary that is not executable' "${must_be}Permission denied" \
  -- given --arg bimanix "$scratch/not-executable"
: > "$scratch/empty"
chmod +x "$scratch/empty"
refuses 'an empty file' "${must_be}Exec format error" -- given --arg bimanix "$scratch/empty"
printf '#!/bin/sh\nexec bimanix "$@"\n' > "$scratch/script"
chmod +x "$scratch/script"
# Where there is a shell in the sandbox, it is the shell that complains.
refuses 'a script' "${must_be%\': }" -- given --arg bimanix "$scratch/script"
refuses 'the commands of an image say the same' "${must_be}No such file or directory" \
  -- given -A load --arg bimanix "$scratch/dynamic"

# A cache is asked for what a package makes, and not for what a binary makes that no cache has seen.
substitutes() {
  nix-instantiate --eval -E "(import ./default.nix { bimanix = $1; }).$2.allowSubstitutes or true"
}
for attribute in stream load push; do
  equal "no cache is asked: $attribute" false "$(substitutes "$scratch/bin/bimanix" "$attribute")"
done
equal 'a cache may have what a package makes' true \
  "$(substitutes "(import $scratch/nixpkgs { }).callPackage ./nix/package.nix { }" stream)"

done_testing
