#!/usr/bin/env bash
# Bad input and a bad machine, at the level of the process: each gives its documented exit code, says
# what is wrong and where, and leaves what was there before.
source "$(dirname "$0")/lib.sh"
begin

# Each program stays in this script's process group, so that it ends with it: --foreground. The
# limit is long enough for a loaded machine, short enough to tell a program that waits for ever.
limit=30

# One small project that builds; each case below changes one thing in a copy of it.
good=$work/good
mkdir "$good"
cp "$repo/examples/hello-qemu/hello.elf" "$good/kernel"
printf 'some text\n' >"$good/note.txt"

# recipe FOLDER [FILES…]: an args.nix whose files hold these lines besides the kernel.
recipe() {
  local folder=$1
  shift
  {
    printf '{\n  name = "example.org/faults";\n  files = {\n    "kernel" = "/unikernel/kernel";\n'
    [ $# -eq 0 ] || printf '    %s\n' "$@"
    cat <<'NIX'
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
NIX
  } >"$folder/args.nix"
}
recipe "$good" '"note.txt" = "/note.txt";'

# start NAME: a copy of the good project in $project, with an old image beside it as its `result`.
# The folder's name must not hold a word that a message is searched for.
count=0
start() {
  name=$1
  count=$((count + 1))
  project=$work/case-$count
  cp -R "$good" "$project"
  cp "$work/old" "$project/result"
  chmod 0644 "$project/result"
}

succeeds "the good project builds" "$BIMANIX" build "$good" -o "$work/old"
old_sum=$(sha256 "$work/old")

# What stands in a folder, without the contents.
listing() {
  (cd "$1" && find . -printf '%P %y %l\n' | sort)
}

# ends STATUS COMMAND…: runs it and leaves its standard error in $err.
ends() {
  local expected=$1 status=0
  shift
  timeout --foreground --kill-after=5 "$limit" "$@" >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
  err=$(cat "$work/stderr")
  if [ "$status" -eq "$expected" ]; then
    pass "$name: exit code $expected"
  else
    fail "$name: exit code $expected" "command: $*" "found:   $status" "stderr:  $err"
  fi
}

# refused STATUS NEEDLE… -- COMMAND…: the command fails so, its message has the words, and the
# project's folder is as it was before, with the old result in it.
refused() {
  local status=$1 before
  shift
  local words=()
  while [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  shift
  before=$(listing "$project")
  ends "$status" "$@"
  if [[ $err =~ ^error(\[[a-z0-9/-]+\])?:\  ]]; then
    pass "$name: the message is an error"
  else
    fail "$name: the message is an error" "expected: error[slug]: title" "found:    $err"
  fi
  local word
  for word in "${words[@]}"; do
    contains "$name: the message says \"$word\"" "$word" "$err"
  done
  lacks "$name: no panic" panicked "$err"
  same "$name: nothing on standard output" "" "$(head -c 200 "$work/stdout" | tr -d '\0')"
  same "$name: nothing is left beside the old result" "$before" "$(listing "$project")"
  same "$name: the old result stays" "$old_sum" "$(sha256 "$project/result")"
}

# Runs what follows in the folder named next, as a user would.
here=(env --chdir)

# What is read is input, also where it cannot be read: 1. Where the image cannot go is the machine's
# affair: 3.

# What is not there, or is not a file.

start "args.nix is missing"
rm "$project/args.nix"
refused 1 args.nix -- "${here[@]}" "$project" "$BIMANIX" build
refused 1 args.nix -- "${here[@]}" "$project" "$BIMANIX" check

start "a source is missing"
rm "$project/note.txt"
refused 1 note.txt 'args.nix:5:' -- "${here[@]}" "$project" "$BIMANIX" build

start "a FIFO as source"
rm "$project/note.txt"
mkfifo "$project/note.txt"
refused 1 note.txt 'args.nix:5:' FIFO -- "${here[@]}" "$project" "$BIMANIX" build

start "a socket as source"
rm "$project/note.txt"
# A socket's path has at most 107 bytes, hence the bare name.
(cd "$project" && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("note.txt")')
refused 1 note.txt 'args.nix:5:' socket -- "${here[@]}" "$project" "$BIMANIX" build

start "a device as source"
recipe "$project" '"/dev/zero" = "/note.txt";'
refused 1 /dev/zero 'args.nix:5:' device -- "${here[@]}" "$project" "$BIMANIX" build

start "a FIFO in a directory"
mkdir "$project/tree"
mkfifo "$project/tree/pipe"
recipe "$project" '"tree" = "/data/";'
refused 1 tree/pipe FIFO -- "${here[@]}" "$project" "$BIMANIX" build

start "a socket in a directory"
mkdir "$project/tree"
(cd "$project/tree" && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("ear")')
recipe "$project" '"tree" = "/data/";'
refused 1 tree/ear socket -- "${here[@]}" "$project" "$BIMANIX" build

start "a device in a directory"
mkdir "$project/tree"
mknod "$project/tree/null" c 1 3
recipe "$project" '"tree" = "/data/";'
refused 1 tree/null device -- "${here[@]}" "$project" "$BIMANIX" build

start "a device as args.nix"
refused 1 /dev/zero -- "$BIMANIX" build /dev/zero -o "$project/result"

# What root may read and others may not. The binary is copied, since the way to it may be closed to
# others too.

mkdir "$work/bin"
cp "$BIMANIX" "$work/bin/bimanix"
chmod -R a+rX "$work/bin"
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups "$work/bin/bimanix")

# given_away: the project belongs to nobody, so that only what a case closes is closed.
given_away() {
  chown -R 65534:65534 "$project"
}

start "an unprivileged build"
given_away
ends 0 "${nobody[@]}" build "$project" -o "$project/result"
same "$name: the same bytes" "$old_sum" "$(sha256 "$project/result")"

start "a directory that is not readable"
mkdir "$project/secret"
recipe "$project" '"secret" = "/data/";'
given_away
chown 0:0 "$project/secret"
chmod 0700 "$project/secret"
refused 1 secret -- "${nobody[@]}" build "$project" -o "$project/result"

start "a directory below that is not readable"
mkdir -p "$project/tree/secret"
recipe "$project" '"tree" = "/data/";'
given_away
chown 0:0 "$project/tree/secret"
chmod 0700 "$project/tree/secret"
refused 1 tree/secret -- "${nobody[@]}" build "$project" -o "$project/result"

start "a source that is not readable"
given_away
chown 0:0 "$project/note.txt"
chmod 0600 "$project/note.txt"
refused 1 note.txt -- "${nobody[@]}" build "$project" -o "$project/result"

start "an args.nix that is not readable"
given_away
chown 0:0 "$project/args.nix"
chmod 0600 "$project/args.nix"
refused 1 args.nix -- "${nobody[@]}" build "$project" -o "$project/result"

start "a read-only folder"
chmod 0555 "$project"
refused 3 result -- "${nobody[@]}" build "$project" -o "$project/result"

start "a read-only file system"
mkdir "$project/mounted"
mount -t tmpfs bimanix-tests "$project/mounted"
later "umount '$project/mounted'"
cp "$work/old" "$project/mounted/result"
mount -o remount,ro "$project/mounted"
refused 3 mounted/result -- "${here[@]}" "$project" "$BIMANIX" build -o mounted/result
same "$name: the old result there stays" "$old_sum" "$(sha256 "$project/mounted/result")"

# Where the image cannot go.

start "the output folder is missing"
refused 3 nowhere/result -- "${here[@]}" "$project" "$BIMANIX" build -o nowhere/result

start "a directory stands at the output"
mkdir "$project/taken"
refused 3 taken -- "${here[@]}" "$project" "$BIMANIX" build -o taken

start "a full device as output"
# A program that renames onto its output would put a file in the place of the device.
restore_full() {
  [ -c /dev/full ] || { rm -f /dev/full && mknod -m 0666 /dev/full c 1 7; }
}
later restore_full
refused 3 /dev/full -- "${here[@]}" "$project" "$BIMANIX" build -o /dev/full
same "$name: the device stays" "character special file 1,7" "$(stat -c '%F %Hr,%Lr' /dev/full)"
restore_full

start "a full device as standard output"
before=$(listing "$project")
status=0
timeout --foreground "$limit" "$BIMANIX" build "$project" -o - >/dev/full 2>"$work/stderr" || status=$?
same "$name: exit code" 3 "$status"
contains "$name: the message is an error" "error" "$(cat "$work/stderr")"
lacks "$name: no panic" panicked "$(cat "$work/stderr")"
same "$name: nothing is left" "$before" "$(listing "$project")"

start "a full file system"
mkdir "$project/mounted"
mount -t tmpfs -o size=1m bimanix-tests "$project/mounted"
later "umount '$project/mounted'"
cp "$work/old" "$project/mounted/result"
head -c 2000000 /dev/zero >"$project/note.txt"
used=$(stat -f -c %f "$project/mounted")
refused 3 mounted/result -- "${here[@]}" "$project" "$BIMANIX" build -o mounted/result
same "$name: the old result there stays" "$old_sum" "$(sha256 "$project/mounted/result")"
same "$name: its space is free again" "$used" "$(stat -f -c %f "$project/mounted")"

# What args.nix says.

start "a syntax error"
sed -i 's/^  files = {$/  files = = {/' "$project/args.nix"
refused 1 'args.nix:3:' -- "${here[@]}" "$project" "$BIMANIX" build
refused 1 'args.nix:3:' -- "${here[@]}" "$project" "$BIMANIX" check

start "a file that ends early"
head -n 4 "$good/args.nix" >"$project/args.nix"
refused 1 'args.nix:' -- "${here[@]}" "$project" "$BIMANIX" build

start "infinite recursion"
sed -i 's/^  name = .*/  name = let x = x; in x;/' "$project/args.nix"
refused 1 'args.nix:2:' recursion -- "${here[@]}" "$project" "$BIMANIX" build

start "recursion without end"
sed -i 's/^  name = .*/  name = let f = n: "a" + f (n + 1); in f 0;/' "$project/args.nix"
refused 1 'args.nix:2:' -- "${here[@]}" "$project" "$BIMANIX" build

start "an unknown field"
sed -i 's/^  files = {$/  flies = {/' "$project/args.nix"
refused 1 'args.nix:3:3' flies '`files`' -- "${here[@]}" "$project" "$BIMANIX" build

start "an unknown annotation"
sed -i 's/hypervisor/hipervisor/' "$project/args.nix"
refused 1 'args.nix:9:5' hipervisor '`hypervisor`' -- "${here[@]}" "$project" "$BIMANIX" build

start "bytes that are no text"
printf '{ name = "\xff\xfe"; }\n' >"$project/args.nix"
refused 1 args.nix -- "${here[@]}" "$project" "$BIMANIX" build

start "an empty args.nix"
: >"$project/args.nix"
refused 1 'args.nix:' -- "${here[@]}" "$project" "$BIMANIX" build

# What the command line says.

start "an unknown option"
refused 2 --frobnicate -- "${here[@]}" "$project" "$BIMANIX" build --frobnicate
start "an unknown command"
refused 2 frobnicate -- "${here[@]}" "$project" "$BIMANIX" frobnicate

# Builds that do not come to their end. The big file is sparse: it costs no space here, but its
# bytes are read, hashed and written like any others.

start "a killed build"
truncate -s 1G "$project/big"
recipe "$project" '"big" = "/unikernel/big";'
before=$(listing "$project")
started=$(date +%s%N)
succeeds "the big project builds" "$BIMANIX" build "$project" -o "$work/new"
elapsed=$((($(date +%s%N) - started) / 1000000))
new_sum=$(sha256 "$work/new")
rm "$work/new"
printf 'a whole build of the big project took %d ms\n' "$elapsed"
# A build while the disk is busy takes many times as long as the next one; what is hashed alone takes
# about this.
[ "$elapsed" -le 1000 ] || elapsed=1000

# interrupted SIGNAL MILLISECONDS: sends it after that time.
interrupted() {
  local pid status=0 found
  "$BIMANIX" build "$project" -o "$project/result" >"$work/stdout" 2>"$work/stderr" &
  pid=$!
  sleep "$(printf '%d.%03d' $(($2 / 1000)) $(($2 % 1000)))"
  kill -s "$1" "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || status=$?
  found=$(sha256 "$project/result")
  if [ "$status" -eq 0 ]; then
    same "SIG$1 after $2 ms came too late: the new result is whole" "$new_sum" "$found"
    cp "$work/old" "$project/result"
  else
    killed=$((killed + 1))
    # The rename is the last step, so a build killed between it and its end has the new result.
    if [ "$found" == "$new_sum" ]; then
      pass "SIG$1 after $2 ms: the new result is whole"
      cp "$work/old" "$project/result"
    else
      same "SIG$1 after $2 ms: the old result stays" "$old_sum" "$found"
    fi
  fi
  same "SIG$1 after $2 ms: nothing is left beside it" "$before" "$(listing "$project")"
  find "$project" -name '.*' -type f -delete
}
killed=0
for part in 1 5 10 20 30 45 60 75 85 95; do
  interrupted KILL $((elapsed * part / 100))
done
for part in 10 50 90; do
  interrupted TERM $((elapsed * part / 100))
done
if [ "$killed" -ge 6 ]; then
  pass "enough of the builds were killed in time"
else
  fail "enough of the builds were killed in time" "found: $killed of 13"
fi

# The image did not arrive, so this is no success; whoever closed the pipe knows, so nothing is said.
name="a reader that goes away"
status=0
{
  timeout --foreground "$limit" "$BIMANIX" build "$project" -o - 2>"$work/stderr" || status=$?
  echo "$status" >"$work/status"
} | head -c 10 >"$work/stdout"
same "$name: the reader got its bytes" 10 "$(stat -c %s "$work/stdout")"
same "$name: no message" "" "$(cat "$work/stderr")"
same "$name: exit code" 3 "$(cat "$work/status")"
same "$name: the old result stays" "$old_sum" "$(sha256 "$project/result")"
same "$name: nothing is left" "$before" "$(listing "$project")"

# A result that is a link, as nix-build leaves it, is replaced; what it points to is not touched.
start "a symlink at the output"
mv "$project/result" "$project/elsewhere"
printf 'not to be touched\n' >"$project/elsewhere"
ln -s elsewhere "$project/result"
ends 0 "${here[@]}" "$project" "$BIMANIX" build
same "$name: the target is untouched" "not to be touched" "$(cat "$project/elsewhere")"
same "$name: the result is a file" "regular file" "$(stat -c %F "$project/result")"
same "$name: the result is the image" "$old_sum" "$(sha256 "$project/result")"
