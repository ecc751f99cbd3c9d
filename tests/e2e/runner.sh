#!/usr/bin/env bash
# tests/run itself, in a project of small scripts and with a cargo that compiles nothing: what it runs, what it
# says of what failed and of what it could not run, and what is left of it.
# needs: root /usr/bin/docker
source "$(dirname "$0")/lib.sh"
begin
unset LIMIT JOBS

# The commands of this machine but those of apt, and cargo and rustc in front.
mkdir "$work/machine" "$work/bin" "$work/tmp"
for folder in /usr/bin /bin /usr/sbin /sbin; do
  find "$folder/" -maxdepth 1 ! -type d ! -name 'apt*' ! -name cargo ! -name rustc ! -name lzop ! -name lz4 \
    -exec ln -sf -t "$work/machine" {} +
done
cat >"$work/bin/rustc" <<'S'
#!/bin/sh
echo x86_64-unknown-linux-gnu
S
# What it is to do besides is in a file of the subcommand's name.
cat >"$work/bin/cargo" <<'S'
#!/bin/bash
case $1 in
  metadata) echo "{\"target_directory\":\"$PWD/target\",\"version\":1}" ;;
  build)
    mkdir -p target/x86_64-unknown-linux-gnu/release
    echo "echo flags $RUSTFLAGS" >target/x86_64-unknown-linux-gnu/release/bimanix
    chmod +x target/x86_64-unknown-linux-gnu/release/bimanix
    ;;
esac
what=$1
if [ "$1" == test ]; then
  [[ $* != *'--test it'* ]] || what=oracle
  [[ $* != *--no-run* ]] || what=compile
fi
echo "$what" >>ran
# Two at a time in one folder would wait for each other.
if [ "$1" == clippy ] || [ "$1" == test ]; then
  mkdir target-in-use || exit 9
  trap 'rmdir target-in-use' EXIT
fi
[ ! -e "$what.cargo" ] || source "./$what.cargo"
S
# Asked for, and not used here.
printf '#!/bin/sh\n' | tee "$work/bin/cc" >"$work/bin/nix-build"
chmod +x "$work"/bin/*

# project: one in which all goes well.
project() {
  project=$work/project
  rm -rf "$project"
  mkdir -p "$project/tests/e2e" "$project/tests/nix" "$project/tests/runner" "$project/examples"
  cp "$repo/tests/run" "$project/tests/"
  cp "$repo"/tests/runner/* "$project/tests/runner/"
  cp "$repo/tests/e2e/lib.sh" "$project/tests/e2e/"
  "$repo/tests/runner/readme" sh Install | sed '1i ## Install\n```sh' >"$project/README.md"
  echo '```' >>"$project/README.md"
  script examples/check "" 'exit 0'
  script tests/nix/good.sh "" 'exit 0'
  chmod -R a+rwX "$project"
}

# script NAME NEEDS TEXT
script() {
  printf '#!/bin/bash\n# needs: %s\n%s\n' "$2" "$3" >"$project/$1"
  chmod a+rx "$project/$1"
}

# ends WHAT STATUS COMMAND…: runs it, and leaves both outputs in $out.
ends() {
  local what=$1 expected=$2 status=0
  shift 2
  chmod a+rwx "$work/tmp"
  out=$(cd / && env PATH="$work/bin:$work/machine" TMPDIR="$work/tmp" "$@" 2>&1 </dev/null) || status=$?
  if [ "$status" -eq "$expected" ]; then
    pass "$what: exit code $expected"
  else
    fail "$what: exit code $expected" "found: $status" "output: $out"
  fi
  same "$what: nothing is left" "" "$(ls -A "$work/tmp")"
}

# ended LINES: those at the end of the output.
ended() {
  same "$what: the end" "$1" "$(tail -n "$(wc -l <<<"$1")" <<<"$out")"
}

run=$work/project/tests/run
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
chmod a+rx "$work"

what="all goes well"
project
script tests/e2e/good.sh bimanix '[ "$($BIMANIX)" == "flags -C target-feature=+crt-static" ]'
script tests/e2e/only.sh alone 'exit 0'
ends "$what" 0 "$run"
ended "9 passed, 0 failed"
lacks "$what: nothing is not run" "not run" "$out"
same "$what: cargo" "build clippy compile compile doc fetch fmt metadata oracle test" "$(sort "$project/ran" | xargs)"

what="one step by its name"
rm "$project/ran"
ends "$what" 0 "$run" clippy
ended "1 passed, 0 failed"
same "$what: cargo" "clippy doc metadata" "$(sort "$project/ran" | xargs)"
what="a script that needs the binary"
ends "$what" 0 "$run" e2e/good.sh tests/e2e/only
ended "3 passed, 0 failed"
contains "$what: it is built" "ok cargo/build" "$out"
what="a script that does not"
ends "$what" 0 "$run" nix/good
ended "1 passed, 0 failed"

what="wrong names"
ends "$what" 2 "$run" nothing
contains "$what: it says so" '"nothing" names 0 of the steps cargo/fmt cargo/build' "$out"
ends "$what: two of one name" 2 "$run" good
contains "$what: two of one name" '"good" names 2 of the steps' "$out"
for setting in LIMIT=0 LIMIT=10m LIMIT= JOBS=two; do
  ends "$what: $setting" 2 env "$setting" "$run"
  contains "$what: $setting" "tests/run: ${setting%%=*} is" "$out"
done
script tests/e2e/silent.sh "" 'exit 0'
sed -i /needs/d "$project/tests/e2e/silent.sh"
ends "a script that says nothing of its needs" 2 "$run"
contains "a script that says nothing of its needs" "tests/e2e/silent.sh does not say what it needs" "$out"
rm "$project/tests/e2e/silent.sh"
what="no Rust"
rm -rf "$work/no-rust"
mkdir "$work/no-rust"
ends "$what" 2 env PATH="$work/machine" "$run"
contains "$what: it says so" "install Rust" "$out"

# What is compiled: without a limit, and nothing that needs it is run when it fails.

what="a build that fails"
echo 'echo "error: cannot produce proc-macro"; exit 101' >"$project/build.cargo"
ends "$what" 1 "$run"
ended "1 not run: e2e/good
7 passed, 1 failed"
contains "$what: it says what failed" "FAILED cargo/build (it does not compile: exit code 101, " "$out"
contains "$what: it shows why" "error: cannot produce proc-macro" "$out"
contains "$what: it says why the rest was not run" "not run e2e/good: bimanix was not built" "$out"
rm "$project/build.cargo"

what="tests that do not compile"
echo 'exit 101' >"$project/compile.cargo"
ends "$what" 1 "$run"
ended "7 passed, 2 failed"
contains "$what: it says so" "FAILED cargo/test (it does not compile: " "$out"

what="compiling takes longer than the limit"
echo 'sleep 4' | tee "$project"/{build,clippy,compile}.cargo >"$project/fetch.cargo"
script tests/e2e/compiles.sh build '
  if [ "${1-}" == build ]; then sleep 4; touch "$TMPDIR/compiled"; else [ -e "$TMPDIR/compiled" ]; fi'
ends "$what" 0 env LIMIT=3 "$run"
ended "10 passed, 0 failed"
rm "$project"/*.cargo
what="a script that cannot compile"
script tests/e2e/compiles.sh build '[ "${1-}" != build ]'
ends "$what" 1 "$run" compiles
ended "0 passed, 1 failed"
contains "$what: it says so" "FAILED e2e/compiles (it does not compile: exit code 1, " "$out"

# What is run has a limit, and it is said when that was the reason.

project
what="a script that takes too long"
script tests/e2e/slow.sh "" 'sleep 60'
script tests/e2e/quick.sh "" 'exit 124'
ends "$what" 1 env LIMIT=2 "$run" slow
ended "0 passed, 1 failed"
contains "$what: it says so" \
  "FAILED e2e/slow (its time was up: it had 2 s; LIMIT=SECONDS tests/run gives more)" "$out"
what="a script that ends like one that takes too long"
ends "$what" 1 "$run" quick
contains "$what: it says what it knows" "FAILED e2e/quick (exit code 124, " "$out"
what="Rust tests that take too long"
echo 'sleep 60' >"$project/test.cargo"
ends "$what" 1 env LIMIT=2 "$run" cargo/test
contains "$what: it says so" "FAILED cargo/test (its time was up: it had 2 s" "$out"

what="a failing script"
script tests/e2e/bad.sh "" 'echo "ok: one"; echo "FAILED: two"; echo "  found: nothing"; echo "ok: three"; exit 3'
ends "$what" 1 "$run" bad
contains "$what: it says so" "FAILED e2e/bad (exit code 3, " "$out"
contains "$what: what did not hold comes first" "FAILED: two
  found: nothing
--- the end of its log
ok: one" "$out"

# What cannot be run here.

project
script tests/e2e/mounts.sh root 'exit 1'
script tests/e2e/talks.sh services 'exit 1'
script tests/e2e/good.sh bimanix 'exit 0'
what="an ordinary user"
ends "$what" 0 "${nobody[@]}" "$run"
ended "2 not run: e2e/mounts e2e/talks
8 passed, 0 failed"
contains "$what: the reason" "not run e2e/mounts: it needs root" "$out"
contains "$what: the other's" "not run e2e/talks: it needs root" "$out"
what="an ordinary user, by name"
ends "$what" 1 "${nobody[@]}" "$run" e2e/good mounts
ended "1 not run: e2e/mounts
2 passed, 0 failed"
what="an ordinary user, and nothing else"
ends "$what" 1 "${nobody[@]}" "$run" mounts
ended "1 not run: e2e/mounts
0 passed, 0 failed"

project
script tests/e2e/mounts.sh root 'exit 1'
script tests/nix/sandbox.sh namespaces 'exit 1'
what="a container that may not mount"
mkdir "$work/closed"
printf '#!/bin/sh\nexit 1\n' >"$work/closed/unshare"
chmod +x "$work/closed/unshare"
ends "$what" 0 env PATH="$work/closed:$work/bin:$work/machine" "$run"
ended "2 not run: e2e/mounts nix/sandbox
7 passed, 0 failed"
contains "$what: the reason" "it mounts file systems, which root may not do here" "$out"
contains "$what: the other's" "there are no user namespaces" "$out"

project
script tests/e2e/packs.sh lzop 'exit 0'
script tests/e2e/both.sh 'lz4 lzop' 'lz4 && lzop'
what="another Linux"
ends "$what" 0 "$run"
ended "2 not run: e2e/both e2e/packs
7 passed, 0 failed"
contains "$what: the reason" "not run e2e/packs: there is no lzop (Debian: lzop)" "$out"
what="another Linux, by name"
ends "$what" 1 "$run" packs
ended "1 not run: e2e/packs
0 passed, 0 failed"
what="no compiler for what Rust compiles of C"
mkdir "$work/no-cc"
printf '#!/bin/sh\necho "fatal error: stdlib.h: No such file or directory" >&2\nexit 1\n' >"$work/no-cc/cc"
chmod +x "$work/no-cc/cc"
script tests/e2e/good.sh bimanix 'exit 0'
ends "$what" 0 env PATH="$work/no-cc:$work/bin:$work/machine" "$run"
contains "$what: the reason" "not run cargo/build: there is no C compiler (Debian: gcc libc6-dev)" "$out"
contains "$what: what needs it" "not run e2e/good: bimanix was not built" "$out"
ended "7 not run: cargo/build cargo/clippy cargo/test cargo/oracle e2e/both e2e/good e2e/packs
3 passed, 0 failed"

# An apt whose packages exclude each other when they are chosen together, and whose network is gone.
mkdir "$work/apt"
cat >"$work/apt/apt-get" <<'S'
#!/bin/bash
here=$(dirname "$0")
packages=()
for word in "$@"; do
  case $word in
    update) exit 100 ;;
    -* | *::* | install) ;;
    *) packages+=("$word") ;;
  esac
done
if [ ${#packages[@]} -gt 1 ] || [ -e "$here/no-$packages" ]; then
  echo "E: Unable to correct problems, you have held broken packages."
  exit 100
fi
printf '#!/bin/sh\n' >"$here/$packages"
chmod +x "$here/$packages"
S
printf '#!/bin/sh\n' >"$work/apt/apt-cache"
chmod +x "$work"/apt/*
project
script tests/e2e/packs.sh lzop 'exit 0'
script tests/e2e/both.sh 'lz4 lzop' 'lz4 && lzop'
what="packages that exclude each other"
with_apt=(env PATH="$work/apt:$work/bin:$work/machine")
ends "$what" 0 "${with_apt[@]}" "$run"
ended "9 passed, 0 failed"
contains "$what: it says what it installs" "installing lz4 lzop" "$out"
what="what is there is not installed"
ends "$what" 0 "${with_apt[@]}" "$run" both packs
ended "2 passed, 0 failed"
lacks "$what" installing "$out"
what="a package that cannot be installed"
rm "$work/apt/lz4" "$work/apt/lzop"
touch "$work/apt/no-lz4"
ends "$what" 1 "${with_apt[@]}" "$run"
ended "1 not run: e2e/both
8 passed, 1 failed"
contains "$what: what apt says" "you have held broken packages" "$out"
contains "$what: the reason" "not run e2e/both: there is no lz4 (Debian: lz4)" "$out"
what="only what is asked for is installed"
rm "$work/apt/lzop"
ends "$what" 0 "${with_apt[@]}" "$run" fmt
lacks "$what" installing "$out"

project
what="engines that do not start"
mkdir "$work/dead"
for tool in containerd ctr dockerd docker-registry podman skopeo umoci jq; do
  printf '#!/bin/sh\necho "%s: dead"\nexit 1\n' "$tool" >"$work/dead/$tool"
done
chmod +x "$work"/dead/*
script tests/e2e/talks.sh services 'exit 0'
script tests/nix/talks.sh services 'exit 0'
ends "$what" 1 env PATH="$work/dead:$work/bin:$work/machine" "$run"
ended "2 not run: e2e/talks nix/talks
7 passed, 1 failed"
contains "$what: it says so" "containerd: dead
FAILED to start the engines" "$out"
contains "$what: the reason" "not run nix/talks: the engines did not start" "$out"

# Two at a time, and one where it has to be one.

project
meet='touch "$TMPDIR/../here-$1"
for ((tries = 0; tries < 100; tries++)); do [ ! -e "$TMPDIR/../here-$2" ] || exit 0; sleep 0.1; done; exit 1'
script tests/e2e/first.sh "" "set first second; $meet"
script tests/e2e/second.sh "" "set second first; $meet"
what="two at a time"
ends "$what" 0 "$run" first second
ended "2 passed, 0 failed"
single='mkdir "$TMPDIR/../busy" || exit 1; sleep 0.3; rmdir "$TMPDIR/../busy"'
script tests/e2e/first.sh "" "$single"
script tests/e2e/second.sh "" "$single"
what="two at a time, and both want the same"
ends "$what" 1 "$run" first second
what="one at a time"
ends "$what" 0 env JOBS=1 "$run" first second
for needs in "alone:" "alone:alone" ":alone" "cargo:cargo"; do
  script tests/e2e/first.sh "${needs%:*}" "$single"
  script tests/e2e/second.sh "${needs#*:}" "$single"
  what="who needs '${needs%:*}' and '${needs#*:}'"
  ends "$what" 0 "$run" first second
done

# What a script starts and leaves behind, and a run that is ended.
gone() {
  local pid
  for ((tries = 0; tries < 100; tries++)); do
    pid=$(cat "$1")
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  [ -n "$pid" ] && ! kill -0 "$pid" 2>/dev/null && pass "$what: it is ended" || fail "$what: it is ended" "$pid"
}
project
script tests/e2e/leaves.sh "" "sleep 1000 & echo \$! >'$work/left'; exit 0"
what="a process that is left behind"
ends "$what" 0 "$run" leaves
gone "$work/left"
script tests/e2e/leaves.sh "" "mkdir \$TMPDIR/m; mount -t tmpfs x \$TMPDIR/m; echo \$\$ >'$work/left'; sleep 1000"
echo "echo \$\$ >'$work/compiling'; sleep 1000" >"$project/build.cargo"
what="a run that is ended"
rm "$work/left"
env PATH="$work/bin:$work/machine" TMPDIR="$work/tmp" "$run" leaves build >"$work/out" 2>&1 &
pid=$!
until [ -s "$work/left" ] && [ -s "$work/compiling" ]; do
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.1
done
kill "$pid"
status=0
wait "$pid" || status=$?
same "$what: exit code" 143 "$status"
gone "$work/left"
gone "$work/compiling"
same "$what: nothing is left" "" "$(ls -A "$work/tmp")"
