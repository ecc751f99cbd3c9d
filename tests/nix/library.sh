#!/usr/bin/env bash
# The functions of nix/lib, without a build: the pure tests, and the words with
# which a request is refused.
# needs: bimanix nix-build
# shellcheck disable=SC2016 # Backticks and ${ } in single quotes are Nix, or words.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"

library="import $repo/nix/lib { bimanix = $BIMANIX; system = \"x86_64-linux\"; }"
projects=$repo/tests/nix/projects

failures=$(nix-instantiate --eval --strict --read-write-mode -E "
  import $repo/tests/nix/lib.nix { lib = $library; }")
equal 'tests/nix/lib.nix finds no failures' '[ ]' "$failures"

# images EXPR: instantiates what EXPR makes of buildImage.
images() {
  nix-instantiate --add-root "$scratch/root" -E "let inherit ($library) buildImage; in $1" > /dev/null &&
    readlink "$scratch/root"
}

# attribute NAME EXPR
attribute() {
  nix-instantiate --eval --read-write-mode -E "let inherit ($library) buildImage; in ($2).$1" | tr -d '"'
}

listing() {
  (cd "$1" && find . -type f | sort | tr '\n' ' ')
}

file=$(attribute argsFile "buildImage $projects/plain")
equal 'args.nix comes with the .nix files beside it, alone' \
  './annotations.nix ./args.nix ' "$(listing "${file%/args.nix}")"

file=$(attribute argsFile "buildImage { argsFile = $projects/shared/image; sources = [ \"../lib\" ]; }")
equal 'args.nix comes with what `sources` names' \
  './image/args.nix ./lib/annotations.nix ' "$(listing "${file%/image/args.nix}")"

refuses 'a relative path in a set' \
  'buildImage: files."./hello.hvt"' 'write files."./hello.hvt" = { path = …; source = ./hello.hvt; }' \
  -- images 'buildImage { files."./hello.hvt" = "/unikernel/hello.hvt"; }'

refuses 'a path that does not exist' \
  'buildImage: files."x".source: there is no' '/none' 'git add' \
  -- images "buildImage { files.x = { path = \"/x\"; source = $projects/none; }; }"

refuses 'a source of the wrong type' \
  'buildImage: files."x".source: a value of type int is not a source' './hello.hvt' \
  -- images 'buildImage { files.x = { path = "/x"; source = 1; }; }'

refuses 'a relative base in a set' \
  'buildImage: base: the path is relative' 'write base = ./nginx.tar;' \
  -- images 'buildImage { base = "./nginx.tar"; }'

refuses 'an image that does not exist' \
  'buildImage: files."x".image.image: there is no' '/none' \
  -- images "buildImage { files.x = { path = \"/x\"; image.image = $projects/none; }; }"

refuses 'a path as an annotation' \
  'buildImage: annotations.binary: /unikernel/hello.hvt is a path' 'put it in quotes: "/unikernel/hello.hvt"' \
  -- images 'buildImage { annotations.binary = /unikernel/hello.hvt; }'

refuses 'a function deep inside' \
  'buildImage: annotations."a.b"[1]: a function' \
  -- images 'buildImage { annotations."a.b" = [ 1 (x: x) ]; }'

refuses 'an attribute beside argsFile' \
  'buildImage: tag: it does not go together with argsFile' 'arguments' \
  -- images "buildImage { argsFile = $projects/plain; tag = \"dev\"; }"

refuses 'arguments for a file that takes none' \
  'buildImage: arguments:' 'plain/args.nix is not a function' '{ tag ? …, }' \
  -- images "buildImage { argsFile = $projects/plain; arguments.tag = \"dev\"; }"

refuses 'a folder without args.nix' \
  'buildImage: argument: there is no args.nix in the folder' 'projects/empty' \
  -- images "buildImage $projects/empty"

refuses 'a file that does not exist' \
  'buildImage: argument: there is no' 'projects/none.nix' \
  -- images "buildImage $projects/none.nix"

refuses 'a derivation, which would have to be built first' \
  'buildImage: argument: x is a derivation' '`source`' \
  -- images 'buildImage (derivation { name = "x"; system = "x"; builder = "x"; })'

refuses 'a function' \
  'buildImage: argument: a value of type lambda does not describe an image' \
  -- images 'buildImage ({ tag }: { })'

refuses 'extras that share no folder with args.nix' \
  'buildImage: sources:' 'have no folder in common' \
  -- images "buildImage { argsFile = $projects/plain; sources = [ /etc/passwd ]; }"

refuses 'extras that do not exist' \
  'buildImage: sources[0]: there is no' \
  -- images "buildImage { argsFile = $projects/plain; sources = [ ./none ]; }"

# What stands in a project, and what leaves it.
mkdir -p "$scratch/project/build" "$scratch/alias"
echo kernel > "$scratch/project/build/kernel"
ln -s build/kernel "$scratch/project/link"
ln -s build "$scratch/project/result"

# project KEY: the image of a project with this one file.
project() {
  cat > "$scratch/project/args.nix" <<END
{ name = "project"; files."$1" = "/kernel"; annotations = { }; }
END
  images "buildImage $scratch/project"
}

source_of() {
  project "$1" > /dev/null
  attribute "parts.\"\".sources.\"$1\"" "buildImage $scratch/project"
}

plain=$(source_of ./build/kernel)
same_bytes 'a file is stored by itself' "$scratch/project/build/kernel" "$plain"
equal 'a path may turn round inside the project' "$plain" "$(source_of build/../build//kernel)"
equal 'an absolute path' "$plain" "$(source_of "$scratch/project/build/kernel")"
equal 'a path through a linked folder' "$plain" "$(source_of result/kernel)"
equal 'a path into the store is used as it is' "$plain" "$(source_of "$plain")"
equal 'a folder is stored whole' 'kernel' "$(ls "$(source_of build)")"

if nix_older_than 2.21; then
  refuses 'a link, which this Nix would store as a link' \
    'buildImage: files."link"' 'project/link is a symbolic link' 'name what it points to' \
    -- project link
else
  same_bytes 'a link is stored as what it points to' \
    "$scratch/project/build/kernel" "$(source_of link)"
fi

for key in ../kernel build/../../kernel ..; do
  refuses "a path that leaves the project: $key" \
    "buildImage: files.\"$key\": the path leaves the folder of args.nix, $scratch/project" 'absolute path' \
    -- project "$key"
done

refuses 'a file that is missing' \
  "buildImage: files.\"./none\": there is no $scratch/project/none" 'correct the path' \
  -- project ./none

refuses 'an empty path' 'buildImage: files."": the source is empty' -- project ''

refuses 'a store path that is not there' 'none' \
  -- project "$NIX_STORE_DIR/00000000000000000000000000000000-none/kernel"

# Reached through a link, as everything in /tmp is on some systems.
project ./build/kernel > /dev/null
image=$(images "buildImage $scratch/project")
ln -s "$scratch" "$scratch/alias/scratch"
equal 'a project reached through a link' "$image" \
  "$(images "buildImage $scratch/alias/scratch/project/args.nix")"
ln -s "$scratch/project" "$scratch/alias/project"
if nix_older_than 2.21; then
  refuses 'a project that is a link itself' \
    'buildImage: argsFile:' 'alias/project is a symbolic link' 'give the folder' \
    -- images "buildImage $scratch/alias/project"
else
  equal 'a project that is a link itself' "$image" "$(images "buildImage $scratch/alias/project")"
fi

mkdir "$scratch/project/parts"
echo '"kernel"' > "$scratch/project/parts/name.nix"
with_parts() {
  images "buildImage { argsFile = $1; sources = [ \"parts\" ]; }"
}
if nix_older_than 2.21; then
  equal 'a project with extras reached through a link' \
    "$(with_parts "$scratch/project")" "$(with_parts "$scratch/alias/scratch/project")"
else
  refuses 'a project with extras reached through a link' \
    'buildImage: sources:' 'goes through a symbolic link' "real path, $scratch/project" \
    -- with_parts "$scratch/alias/scratch/project"
fi

refuses 'a file name that is a derivation: attribute names carry no context' 'is not allowed to refer to a store path' \
  -- images 'buildImage { files."${derivation { name = "x"; system = "x"; builder = "x"; }}" = "/x"; }'

done_testing
