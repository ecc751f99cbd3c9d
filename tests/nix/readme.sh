#!/usr/bin/env bash
# The Nix files of the README, as they are printed there. Its commands are typed in stock.sh.
# needs: bimanix nix-build namespaces
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"

project=$scratch/project
copy_project "$project"
copy_nixpkgs "$scratch/nixpkgs"
cd "$project"
"$BIMANIX" build -o "$scratch/by-hand.tar" > /dev/null

# The files are an args.nix, one with a root file system, one for two architectures, and a flake beside a kernel.nix.
"$repo/tests/runner/readme" nix | awk -v to="$scratch" '
  /^\{$/ { part += 1 }
  { split("args rootfs architectures flake", names, " "); print > (to "/" names[part < 4 ? part : 4] ".nix") }'
mkdir "$scratch/first"
cp "$scratch/args.nix" hello.hvt "$scratch/first"
"$BIMANIX" build "$scratch/first" -o "$scratch/first.tar" > /dev/null
same_bytes 'the first args.nix is that of the root' "$scratch/by-hand.tar" "$scratch/first.tar"

# Whatever the kernel and the archive are, they are where the text says.
mkdir -p "$scratch/rootfs/site" "$scratch/alpine/bin"
cp "$scratch/rootfs.nix" "$scratch/rootfs/args.nix"
cp "$repo/examples/hello-qemu/hello.elf" "$scratch/rootfs/vmlinuz"
cp "$BIMANIX" "$scratch/rootfs/urunit"
echo page > "$scratch/rootfs/site/page"
tar -C "$scratch/alpine" -czf "$scratch/rootfs/alpine-minirootfs.tar.gz" .
"$BIMANIX" build "$scratch/rootfs" -o "$scratch/rootfs.tar" > /dev/null
image=$(nix-build "$repo/default.nix" --arg bimanix "$BIMANIX" --arg argsFile "$scratch/rootfs" --no-out-link)
same_bytes 'the root file system' "$scratch/rootfs.tar" "$image"

mkdir "$scratch/two"
cp "$scratch/architectures.nix" "$scratch/two/args.nix"
cp "$repo/examples/hello-qemu/hello.elf" "$scratch/two/hello-amd64"
# The head of a Linux `Image` for arm64, by which its architecture is known.
{ head -c 56 /dev/zero && printf 'ARM\x64' && head -c 4036 /dev/zero; } > "$scratch/two/hello-arm64"
"$BIMANIX" build "$scratch/two" -o "$scratch/two.tar" > /dev/null
image=$(nix-build "$repo/default.nix" --arg bimanix "$BIMANIX" --arg argsFile "$scratch/two" --no-out-link)
same_bytes 'several architectures' "$scratch/two.tar" "$image"

mkdir "$scratch/other"
cd "$scratch/other"
cp "$scratch/flake.nix" .
cat > kernel.nix <<END
{ }:
derivation {
  name = "kernel";
  system = builtins.currentSystem or "x86_64-linux";
  builder = $project/hello.hvt;
}
// {
  # What a kernel's derivation puts into the store, without a compiler to make it.
  outPath = builtins.path { path = ./kernel; name = "kernel"; };
}
END
mkdir kernel
cp "$repo/examples/hello-qemu/hello.elf" kernel/kernel
nix build --impure --no-write-lock-file --out-link image \
  --override-input bimanix "path:$project" --override-input bimanix/nixpkgs "path:$scratch/nixpkgs" \
  --override-input nixpkgs "path:$scratch/nixpkgs" > /dev/null
"$BIMANIX" inspect image > "$scratch/summary"
grep -q '/unikernel/kernel' "$scratch/summary" || fail "the flake's image holds no kernel"
ok 'the flake'

done_testing
