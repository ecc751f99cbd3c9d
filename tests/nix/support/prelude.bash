# Sourced by the tests in the folder above. It gives them a Nix of their own: a
# store, settings and caches in a temporary folder, no substituters, the sandbox
# on, and no build for the sake of evaluation. So a test neither needs nor
# touches what is installed.
#
# In:  BIMANIX, the path of a static bimanix binary
# Out: repo (the tree under test), scratch (a folder that goes away)

: "${BIMANIX:?give the path of a static bimanix binary}"
BIMANIX=$(realpath "$BIMANIX")
repo=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../..")
scratch=$(realpath "$(mktemp -d)")
# The build user has to get through to the store.
chmod 755 "$scratch"

forget() {
  chmod -R u+w "$scratch"
  rm -rf "$scratch"
}
trap forget EXIT

unset NIX_PATH NIX_REMOTE NIX_CONF_DIR NIX_USER_CONF_FILES
export HOME=$scratch/home
export XDG_CACHE_HOME=$HOME/.cache XDG_CONFIG_HOME=$HOME/.config
export XDG_DATA_HOME=$HOME/.local/share XDG_STATE_HOME=$HOME/.local/state
export NIX_STORE_DIR=$scratch/store NIX_STATE_DIR=$scratch/state
export NIX_LOG_DIR=$scratch/log NIX_CONF_DIR=$scratch/etc
export NIX_CONFIG='
build-users-group =
experimental-features = nix-command flakes
sandbox = true
sandbox-fallback = false
allow-import-from-derivation = false
substituters =
warn-dirty = false
'
mkdir -p "$HOME" "$NIX_CONF_DIR"

# What Nix says of its progress is of interest when it fails.
quietly() {
  command "$@" 2> "$scratch/stderr" || {
    local code=$?
    cat "$scratch/stderr" >&2
    return "$code"
  }
}
nix() { quietly nix "$@"; }
nix-build() { quietly nix-build "$@"; }
nix-instantiate() { quietly nix-instantiate "$@"; }

passed=0

# Says what was shown, once it has been.
ok() {
  passed=$((passed + 1))
  echo "ok: $*"
}

# Ends the test, saying what did not hold.
fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# equal WHAT EXPECTED GOT
equal() {
  [[ $2 == "$3" ]] || fail "$1: expected $2, got $3"
  ok "$1"
}

# differ WHAT ONE OTHER
differ() {
  [[ $2 != "$3" ]] || fail "$1: both are $2"
  ok "$1"
}

# same_bytes WHAT FILE FILE
same_bytes() {
  cmp "$2" "$3" || fail "$1: $2 and $3 differ"
  ok "$1"
}

# refuses WHAT TEXT... -- COMMAND...: the command fails and prints every text. Nix prints NUL bytes when it
# cannot start a builder.
refuses() {
  local what=$1 texts=() text output
  shift
  while [[ $1 != -- ]]; do
    texts+=("$1")
    shift
  done
  shift
  if output=$("$@" 2>&1 | tr -d '\0'); then
    fail "$what: it was accepted: $output"
  fi
  for text in "${texts[@]}"; do
    [[ $output == *"$text"* ]] || fail "$what: nothing says \`$text\`: $output"
  done
  ok "$what"
}

# nix_older_than VERSION
nix_older_than() {
  [[ $(nix-instantiate --eval -E "builtins.compareVersions builtins.nixVersion \"$1\" < 0") == true ]]
}

# copy_project FOLDER: what a user has in a fresh clone, as far as Nix reads it.
copy_project() {
  mkdir -p "$1/tests"
  cp -R "$repo"/{Cargo.toml,Cargo.lock,args.nix,default.nix,flake.nix,flake.lock,hello.hvt,examples,nix,src} "$1"
  cp -R "$repo/tests/nix" "$1/tests"
}

# copy_nixpkgs FOLDER: the stand-in for nixpkgs, with the binary under test.
copy_nixpkgs() {
  cp -R "$repo/tests/nix/nixpkgs" "$1"
  mkdir -p "$1/bimanix/bin"
  cp "$BIMANIX" "$1/bimanix/bin/bimanix"
}

# The last line of a test.
done_testing() {
  echo "$(basename "$0"): $passed passed, 0 failed"
}
