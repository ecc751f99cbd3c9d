#!/usr/bin/env bash
# The flake: its image, its functions in another flake, and all of its outputs.
# needs: bimanix nix-build namespaces
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"

project=$scratch/project
nixpkgs=$scratch/nixpkgs
copy_project "$project"
copy_nixpkgs "$nixpkgs"
system=$(nix-instantiate --eval -E builtins.currentSystem | tr -d '"')
offline=(--no-write-lock-file --override-input nixpkgs "path:$nixpkgs")

# The image of the args.nix in the flake.
nix build "path:$project#image" "${offline[@]}" -o "$scratch/result"
path=$(readlink "$scratch/result")
equal 'nix build .#image' 'hello-rumprun.tar' "$(basename "$path" | cut -d- -f2-)"
(cd "$project" && "$BIMANIX" build -o "$scratch/by-hand.tar" > /dev/null)
same_bytes 'the command line writes the same bytes' "$scratch/by-hand.tar" "$path"

before=$(nix eval --raw "path:$project#image.drvPath" "${offline[@]}")
echo unrelated > "$project/notes.txt"
equal 'an unrelated change changes nothing' "$before" \
  "$(nix eval --raw "path:$project#image.drvPath" "${offline[@]}")"

equal 'nix run' "$("$BIMANIX" --version)" "$(nix run "path:$project" "${offline[@]}" -- --version)"
nix build "path:$project" "${offline[@]}" -o "$scratch/result"
equal 'nix build gives the command' "$("$BIMANIX" --version)" "$("$scratch/result/bin/bimanix" --version)"

# A second flake. Its unikernel comes out of a derivation, as a link into the
# store; a data file is a derivation itself, another a path of the flake.
user=$scratch/user
mkdir -p "$user/data/unikernel" "$scratch/same"
cp "$repo/hello.hvt" "$user/data/unikernel/hello.hvt"
echo settings > "$user/data/settings.conf"
ln -s data/settings.conf "$user/data-link"
cat > "$user/flake.nix" <<END
{
  inputs.bimanix.url = "path:$project";
  inputs.bimanix.inputs.nixpkgs.url = "path:$nixpkgs";

  outputs =
    { self, bimanix }:
    let
      inherit (bimanix.lib.$system) buildImage;
      unikernel = derivation {
        name = "unikernel";
        system = "$system";
        builder = "builtin:buildenv";
        derivations = "true 5 1 \${./data/unikernel}";
        manifest = "/dev/null";
      };
      recipe = {
        name = "registry.example/user/image";
        tag = "1.2";
        files = {
          kernel = {
            path = "/unikernel/hello.hvt";
            source = "\${unikernel}/hello.hvt";
          };
          inner = {
            path = "/data/inner.tar";
            source = bimanix.packages.$system.image;
          };
          settings = {
            path = "/data/settings.conf";
            mode = "0640";
            uid = 7;
            source = ./data/settings.conf;
          };
        };
        annotations = {
          unikernelType = "rumprun";
          hypervisor = "hvt";
          binary = "/unikernel/hello.hvt";
          cmdline = "user";
        };
      };
    in
    {
      packages.$system = {
        default = buildImage recipe;
        linked = buildImage (
          recipe
          // {
            files = recipe.files // {
              settings = recipe.files.settings // {
                source = ./data-link;
              };
            };
          }
        );
        relative = buildImage {
          name = "relative";
          files."./hello.hvt" = "/unikernel/hello.hvt";
        };
        missing = buildImage {
          name = "missing";
          files.x = {
            path = "/x";
            source = ./none;
          };
        };
        whole = buildImage self;
        stored = buildImage (
          recipe
          // {
            files = {
              inherit (recipe.files) kernel;
              "\${builtins.unsafeDiscardStringContext "\${./data/settings.conf}"}" = "/data/settings.conf";
            };
          }
        );
      };
    };
}
END
cat > "$user/args.nix" <<'END'
{
  name = "whole";
  files."data/unikernel/hello.hvt" = "/unikernel/";
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/hello.hvt";
    cmdline = "whole";
  };
}
END

nix build "path:$user" --no-write-lock-file -o "$scratch/result"
cp "$repo/hello.hvt" "$scratch/same/kernel"
cp "$scratch/by-hand.tar" "$scratch/same/inner"
echo settings > "$scratch/same/settings"
cat > "$scratch/same/args.nix" <<'END'
{
  name = "registry.example/user/image";
  tag = "1.2";
  files = {
    kernel = "/unikernel/hello.hvt";
    inner = "/data/inner.tar";
    settings = {
      path = "/data/settings.conf";
      mode = "0640";
      uid = 7;
    };
  };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "hvt";
    binary = "/unikernel/hello.hvt";
    cmdline = "user";
  };
}
END
(cd "$scratch/same" && "$BIMANIX" build -o same.tar > /dev/null)
same_bytes 'buildImage in another flake: the same bytes as by hand' "$scratch/same/same.tar" "$scratch/result"

nix build "path:$user#linked" --no-write-lock-file -o "$scratch/linked"
ok 'a source that is a link, in a flake'
nix build "path:$user#whole" --no-write-lock-file -o "$scratch/whole"
(cd "$user" && "$BIMANIX" build -o "$scratch/by-hand.tar" > /dev/null)
same_bytes 'the args.nix of a flake, by the flake itself' "$scratch/by-hand.tar" "$scratch/whole"
nix build "path:$user#stored" --no-write-lock-file --no-link
ok 'a file named by its store path, in a flake'
refuses 'a relative path in a set' 'files."./hello.hvt": the path is relative' 'source = ./hello.hvt' \
  -- nix build "path:$user#relative" --no-write-lock-file --no-link
refuses 'a source that git or the user has not added' 'files."x".source: there is no' 'git add' \
  -- nix build "path:$user#missing" --no-write-lock-file --no-link

# All outputs, for all systems.
for output in packages lib apps checks formatter devShells; do
  equal "$output: the systems" '["aarch64-darwin","aarch64-linux","x86_64-darwin","x86_64-linux"]' \
    "$(nix eval --json "path:$project#$output" --apply builtins.attrNames "${offline[@]}")"
done
# The pure tests among the checks read what they put in the store.
drvs='builtins.mapAttrs (_: builtins.mapAttrs (_: value: value.drvPath))'
for output in packages checks devShells; do
  nix eval --json "path:$project#$output" --apply "$drvs" "${offline[@]}" > /dev/null
  ok "$output: every one evaluates"
done
nix eval --json "path:$project#formatter" --apply 'builtins.mapAttrs (_: value: value.drvPath)' "${offline[@]}" > /dev/null
ok 'formatter: every one evaluates'
equal 'apps' '["default","load","push","stream"]' \
  "$(nix eval --json "path:$project#apps.$system" --apply builtins.attrNames "${offline[@]}")"
equal 'packages' '["bimanix","default","frontend","image"]' \
  "$(nix eval --json "path:$project#packages.$system" --apply builtins.attrNames "${offline[@]}")"
every=()
nix_older_than 2.14 || every=(--all-systems)
nix flake check --no-build "${every[@]}" "path:$project" "${offline[@]}"
ok 'nix flake check'

# The overlay.
equal 'overlays.default' "$path" "$(
  nix-build --no-out-link -E "
    let pkgs = import $nixpkgs { overlays = [ (import $project/nix/overlay.nix) ]; };
    in pkgs.bimanixLib.buildImage $project/args.nix"
)"

# The template, with a unikernel in it.
mkdir "$scratch/new"
cd "$scratch/new"
nix flake init -t "path:$project"
equal 'the template' 'args.nix flake.nix' "$(echo *)"
template=(--no-write-lock-file --override-input bimanix "path:$project" --override-input bimanix/nixpkgs "path:$nixpkgs")
refuses 'the template without a unikernel' 'files."./kernel": there is no' \
  -- nix build "path:$PWD" "${template[@]}" --no-link
cp "$repo/hello.hvt" kernel
sed -i 's/"unikraft"/"rumprun"/; s/"qemu"/"hvt"/' args.nix
nix build "path:$PWD" "${template[@]}" -o "$scratch/result"
"$BIMANIX" build -o "$scratch/by-hand.tar" > /dev/null
same_bytes 'the template with a unikernel' "$scratch/by-hand.tar" "$scratch/result"
nix run "path:$PWD#default.stream" "${template[@]}" > "$scratch/streamed.tar"
same_bytes 'the same streamed' "$scratch/by-hand.tar" "$scratch/streamed.tar"

# The lock file is that of the inputs: nothing to update.
nix flake metadata "path:$project" --no-update-lock-file > /dev/null
ok 'flake.lock is up to date'

done_testing
