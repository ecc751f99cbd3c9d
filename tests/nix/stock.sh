#!/usr/bin/env bash
# The Nix commands of the README as they are printed there, with Nix as Debian packages it: no configuration, no
# build users, no features, an empty /nix and a new home. For root, for a user who owns /nix, and for a user of
# the daemon that nix-setup-systemd brings.
# needs: bimanix services git nix-build namespaces
# shellcheck disable=SC2016 # Backticks in single quotes are words.
set -euo pipefail

# /nix and a few files of /etc are this script's own, in a mount namespace.
if [[ -z ${OWN_MOUNTS-} ]]; then
  made=
  [[ -d /nix ]] || { mkdir /nix && made=yes; }
  status=0
  OWN_MOUNTS=yes unshare --mount "$0" || status=$?
  [[ -z $made ]] || rmdir /nix
  exit "$status"
fi
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"
: "${DOCKER:?is not set: start this through tests/run}" "${DOCKER_HOST:?}" "${REGISTRY:?}"

# No build users, and an ordinary one.
uid=54321
mkdir "$scratch/accounts"
for file in passwd group; do
  grep -v '^nixbld' "/etc/$file" > "$scratch/accounts/$file"
  mount --bind "$scratch/accounts/$file" "/etc/$file"
done
echo "reader:x:$uid:$uid::/:/bin/sh" >> /etc/passwd
echo "reader:x:$uid:" >> /etc/group
[[ ! -d /etc/nix ]] || mount -t tmpfs bimanix-tests /etc/nix

copy_nixpkgs "$scratch/nixpkgs"
cp "$BIMANIX" "$scratch/bimanix"
mkdir "$scratch/bin"
ln -s "$DOCKER" "$scratch/bin/docker"

# user WHO: an empty /nix, and for that user a new home, whose channel is the stand-in for nixpkgs, and a clone.
user() {
  who=$1
  home=$scratch/$who/home
  project=$scratch/$who/project
  mkdir -p "$home/.nix-defexpr/channels"
  ln -s "$scratch/nixpkgs" "$home/.nix-defexpr/channels/nixpkgs"
  copy_project "$project"
  git -C "$project" init -q
  git -C "$project" add --all
  git -C "$project" -c user.name=x -c user.email=x@example.org commit -q -m x
  ! mountpoint -q /nix || umount /nix
  mount -t tmpfs -o mode=755 bimanix-tests /nix
  login=()
  around=()
  environment=()
  if [[ $who != root ]]; then
    chown -R "$uid:$uid" "$scratch/$who"
    # Of the group that may use docker.
    login=(setpriv --reuid "$uid" --regid "$uid" --groups "$(stat -c %g "${DOCKER_HOST#unix://}")")
  fi
}

# types TEXT: what the user types into a shell in which nothing is set but by the login.
types() {
  "${around[@]}" env -i PATH="$scratch/bin:$PATH" HOME="$home" USER="$who" DOCKER_HOST="$DOCKER_HOST" \
    "${environment[@]}" "${login[@]}" sh -c "cd '$project'"$'\n'"$1"
}

# What the README says first, and its commands.
settings=$("$repo/tests/runner/readme" sh 'With Nix' | awk '/^export / { shown = 1 } shown { print } /"$/ { shown = 0 }')
equal 'the settings are two lines' 2 "$(wc -l <<< "$settings")"
readarray -t commands < <("$repo/tests/runner/readme" sh 'With Nix' | grep '^nix')
equal 'there are seven commands' 7 "${#commands[@]}"

(cd "$repo" && "$BIMANIX" build -o "$scratch/by-hand.tar" > /dev/null)
tar -xf "$scratch/by-hand.tar" -C "$scratch" index.json manifest.json
config=sha256:$(jq -r '.[0].Config' "$scratch/manifest.json" | sed 's|.*/||')
manifest=$(jq -r '.manifests[0].digest' "$scratch/index.json")

# follows COMMAND: types it with the settings, and looks at what it has made. A network that does not answer would
# be waited for, so there is none but for the registry.
follows() {
  local what="$who: ${1%%  *}" command=${1/registry.example\/hello:v1/$REGISTRY\/hello:$who}
  command=${command/\/path\/to\/static\/bimanix/$scratch\/bimanix}
  around=(unshare --net)
  [[ $1 != *push* ]] || around=()
  case $command in
    nix-build* | 'nix run -f '*) ;;
    *)
      # A flake's nixpkgs is what its lock file says.
      command=$(sed -E "s,^nix (build|run),& --no-write-lock-file --override-input nixpkgs path:$scratch/nixpkgs," <<< "$command")
      ;;
  esac
  rm -f "$project/result"
  types "$settings"$'\n'"$command" > "$scratch/stdout" 2> "$scratch/stderr" ||
    fail "$what: $(tr -d '\0' < "$scratch/stderr")"
  case $1 in
    *load*)
      equal "$what" "$config" "$("$DOCKER" image inspect --format '{{.Id}}' hello-rumprun:latest)"
      "$DOCKER" image rm hello-rumprun:latest > /dev/null
      ;;
    *push*)
      equal "$what" "$manifest" \
        "$(skopeo inspect --tls-verify=false "docker://$REGISTRY/hello:$who" | jq -r .Digest)"
      ;;
    *stream*) same_bytes "$what" "$scratch/by-hand.tar" "$project/hello.tar" ;;
    *) same_bytes "$what" "$scratch/by-hand.tar" "$project/result" ;;
  esac
}

# follows_all COMMAND...
follows_all() {
  local command
  for command in "$@"; do
    follows "$command"
    if [[ $command == *--arg* ]]; then
      [[ $(< "$scratch/stderr") != *'unable to download'* ]] || fail "$who: it asks a cache: $(< "$scratch/stderr")"
      ok "$who: no cache is asked"
    fi
  done
}

user root
refuses 'root, without the settings: nix-build' "the group 'nixbld'" 'does not exist' \
  -- types "nix-build default.nix --arg bimanix $scratch/bimanix"
refuses 'root, without the settings: nix build' "'nix-command' is disabled" -- types 'nix build .#image'
refuses 'root, without the settings: nix run' "'nix-command' is disabled" -- types 'nix run -f default.nix load'
follows_all "${commands[@]}"

# That the pin is asked for is all that can be seen of it, since it comes from the network.
rm "$home/.nix-defexpr/channels/nixpkgs"
around=(unshare --net)
refuses 'root, without a channel' github.com/NixOS/nixpkgs -- types "$settings"$'\n'"${commands[0]}"

user owner
mkdir -p /nix/var/nix
chown -R "$uid" /nix
follows_all "${commands[@]}"

# What nix-setup-systemd sets up: build users, a daemon, and no sandbox.
user member
chown root:root /nix
for number in 1 2 3; do
  echo "nixbld$number:x:$((uid + number)):$((uid + 9))::/var/empty:/usr/sbin/nologin" >> /etc/passwd
done
echo "nixbld:x:$((uid + 9)):nixbld1,nixbld2,nixbld3" >> /etc/group
mkdir -p "$scratch/conf"
echo 'sandbox = false' > "$scratch/conf/nix.conf"
env -i PATH="$PATH" HOME="$scratch/member" NIX_CONF_DIR="$scratch/conf" nix-daemon --daemon > "$scratch/daemon.log" 2>&1 &
daemon=$!
trap 'kill "$daemon" || true; forget' EXIT
for ((tries = 0; tries < 100; tries++)); do
  [[ ! -S /nix/var/nix/daemon-socket/socket ]] || break
  sleep 0.1
done
environment=(NIX_REMOTE=daemon)
follows_all "${commands[@]}"

done_testing
